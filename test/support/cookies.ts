/** The cookies of one browser, by the rules of RFC 6265 section 5 that matter on one host. */
export interface Jar {
  /** Takes over what a response to `url` sets. */
  store(url: URL, setCookies: readonly string[]): void
  /** Value of the Cookie header for a request to `url`; empty when there is none. */
  header(url: URL): string
  /** Value of the first cookie with this name, on any path. */
  get(name: string): string | undefined
  all(): readonly Cookie[]
  copy(): Jar
}

export interface Cookie {
  name: string
  value: string
  host: string
  path: string
  secure: boolean
  httpOnly: boolean
  sameSite: string | null
  expiresAt: number
}

export const cookieJar = (initial: readonly Cookie[] = []): Jar => {
  let kept = [...initial]
  const live = () => kept.filter(({ expiresAt }) => expiresAt > Date.now())

  return {
    store(url, setCookies) {
      for (const line of setCookies) {
        const cookie = parse(url, line)
        kept = kept.filter((other) => !isSame(cookie, other))
        kept.push(cookie)
      }
    },
    header: (url) =>
      live()
        .filter((cookie) => belongsTo(cookie, url))
        .sort((a, b) => b.path.length - a.path.length)
        .map(({ name, value }) => `${name}=${value}`)
        .join('; '),
    get: (wanted) => live().find(({ name }) => name === wanted)?.value,
    all: live,
    copy: () => cookieJar(kept),
  }
}

const isSame = (a: Cookie, b: Cookie) => a.name === b.name && a.host === b.host && a.path === b.path

const belongsTo = ({ host, path, secure }: Cookie, url: URL): boolean => {
  if (host !== url.hostname) return false
  if (secure && url.protocol !== 'https:' && url.hostname !== 'localhost') return false
  const below = path.endsWith('/') ? path : `${path}/`
  return url.pathname === path || url.pathname.startsWith(below)
}

const parse = (url: URL, line: string): Cookie => {
  const [pair = '', ...rest] = line.split(';')
  const attributes = new Map(
    rest.map((part) => {
      const [name = '', ...value] = part.trim().split('=')
      return [name.toLowerCase(), value.join('=')]
    }),
  )
  const [name = '', ...value] = pair.split('=')
  return {
    name: name.trim(),
    value: value.join('=').trim(),
    host: url.hostname,
    path: attributes.get('path') || defaultPath(url),
    secure: attributes.has('secure'),
    httpOnly: attributes.has('httponly'),
    sameSite: attributes.get('samesite') ?? null,
    expiresAt: expiry(attributes),
  }
}

/** RFC 6265 section 5.1.4 */
const defaultPath = ({ pathname }: URL) => pathname.slice(0, pathname.lastIndexOf('/')) || '/'

const expiry = (attributes: Map<string, string>): number => {
  const seconds = attributes.get('max-age')
  if (seconds !== undefined) return Date.now() + Number(seconds) * 1000
  const date = attributes.get('expires')
  return date === undefined ? Number.POSITIVE_INFINITY : Date.parse(date)
}
