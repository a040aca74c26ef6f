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

/** What can be wrong with a URI; `written` is how it would have to be spelt. */
const faults = {
  long: () => `is longer than ${longest} characters`,
  characters: () => 'may hold neither spaces nor letters outside ASCII',
  wildcard: () => 'may hold no wildcard: URIs are compared as they are; list each',
  relative: () => 'is no absolute URI, such as https://shop.example/callback',
  fragment: () => 'may have no fragment (#)',
  credentials: () => 'may hold neither user name nor password',
  spelling: (written: string) => `has to be written as ${written}`,
  web: () => 'has to be https, or http on localhost, 127.0.0.1 or [::1]',
  scheme: () =>
    'has to be https, http on localhost, 127.0.0.1 or [::1], or a scheme like com.example.app:/callback',
} satisfies Record<string, (written: string) => string>

export interface UriFault {
  code: keyof typeof faults
  written: string
}

const fault = (code: UriFault['code'], written = ''): UriFault => ({ code, written })

/** What every URI here has in common: whole, unambiguous, nothing hidden in it. */
const plainUri = (text: string): URL | UriFault => {
  if (text.length > longest) return fault('long')
  if (/[^\x21-\x7e]/.test(text)) return fault('characters')
  if (text.includes('*')) return fault('wildcard')
  const url = URL.parse(text)
  if (!url) return fault('relative')
  if (text.includes('#')) return fault('fragment')
  if (url.username || url.password) return fault('credentials')
  // Upper-case hosts, default ports, dot segments and backslashes: read differently by others.
  if (url.href !== text && url.href !== `${text}/`) return fault('spelling', url.href)
  return url
}

const webFault = (url: URL): UriFault | null => {
  if (url.protocol === 'https:') return null
  if (url.protocol === 'http:' && loopbackNames.has(url.hostname)) return null
  return fault('web')
}

const wordsOf = (found: UriFault | null): string | null =>
  found && faults[found.code](found.written)

/** A page or file on the web: https, or http on this machine. */
export const webUriFault = (text: string): string | null => {
  const url = plainUri(text)
  return wordsOf(url instanceof URL ? webFault(url) : url)
}

/**
 * Where a browser may be sent back to: https, http on this machine, or a private-use scheme that is
 * a reversed domain name (RFC 8252, section 7.1), which rules out `javascript:`, `data:` and the
 * like.
 */
export const findRedirectUriFault = (text: string): UriFault | null => {
  const url = plainUri(text)
  if (!(url instanceof URL)) return url
  if (isWeb(url)) return webFault(url)
  if (/^[a-z][a-z0-9-]*(\.[a-z0-9-]+)+:$/.test(url.protocol)) return null
  return fault('scheme')
}

/** The same in words. */
export const redirectUriFault = (text: string): string | null => wordsOf(findRedirectUriFault(text))

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
