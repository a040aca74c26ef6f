/** Which URIs an operator may enter, and why others not. Each check answers words or null. */

const longest = 2000
/** As RFC 8252, section 7.3 and 8.3 name them. */
const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Whether a host as it stands in a URL, or an address to listen on, is this machine alone. */
export const isLoopbackHost = (host: string): boolean => {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, '$1')
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    name === '::1' ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(name)
  )
}

/** What every URI here has in common: whole, unambiguous, nothing hidden in it. */
const plainUri = (text: string): URL | string => {
  if (text.length > longest) return `is longer than ${longest} characters`
  if (/[^\x21-\x7e]/.test(text)) return 'may hold neither spaces nor letters outside ASCII'
  if (text.includes('*')) return 'may hold no wildcard: URIs are compared as they are; list each'
  const url = URL.parse(text)
  if (!url) return 'is no absolute URI, such as https://shop.example/callback'
  if (text.includes('#')) return 'may have no fragment (#)'
  if (url.username || url.password) return 'may hold neither user name nor password'
  // Upper-case hosts, default ports, dot segments and backslashes: read differently by others.
  if (url.href !== text && url.href !== `${text}/`) return `has to be written as ${url.href}`
  return url
}

const webFault = (url: URL): string | null => {
  if (url.protocol === 'https:') return null
  if (url.protocol === 'http:' && loopbackNames.has(url.hostname)) return null
  return 'has to be https, or http on localhost, 127.0.0.1 or [::1]'
}

/** A page or file on the web: https, or http on this machine. */
export const webUriFault = (text: string): string | null => {
  const url = plainUri(text)
  return typeof url === 'string' ? url : webFault(url)
}

/**
 * Where a browser may be sent back to: https, http on this machine, or a private-use scheme that is
 * a reversed domain name (RFC 8252, section 7.1), which rules out `javascript:`, `data:` and the
 * like.
 */
export const redirectUriFault = (text: string): string | null => {
  const url = plainUri(text)
  if (typeof url === 'string') return url
  if (isWeb(url)) return webFault(url)
  if (/^[a-z][a-z0-9-]*(\.[a-z0-9-]+)+:$/.test(url.protocol)) return null
  return 'has to be https, http on localhost, 127.0.0.1 or [::1], or a scheme like com.example.app:/callback'
}

const isWeb = ({ protocol }: URL) => protocol === 'https:' || protocol === 'http:'

/** Whether only an app on the person's device can answer at this redirect URI. */
export const isPrivateUseUri = (text: string): boolean => {
  const url = URL.parse(text)
  return url !== null && !isWeb(url)
}

export const isHttpsLoopback = (text: string): boolean => {
  const url = URL.parse(text)
  return url?.protocol === 'https:' && loopbackNames.has(url.hostname)
}
