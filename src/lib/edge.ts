import type { IncomingMessage } from 'node:http'
import type { Middleware } from 'koa'
import { Problem } from './problem.ts'

export interface EdgeOptions {
  /** Public origin; nothing in a request changes it. */
  baseUrl: string
  /** Whether an address is a proxy whose forwarding headers count. */
  trusted: (address: string) => boolean
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

const allowed = [...methods].join(', ')

const headers = (https: boolean): Record<string, string> => ({
  // What may be kept says so itself.
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex',
  'permissions-policy':
    'publickey-credentials-get=(self), publickey-credentials-create=(self), otp-credentials=(self)',
  // No `form-action`: Chrome and Safari apply it to the whole chain of redirects after a form, and
  // a sign-in ends at the relying party.
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; font-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'",
  ...(https ? { 'strict-transport-security': 'max-age=63072000; includeSubDomains' } : {}),
})

/** Gives every answer the headers that protect it. */
export const protect = (baseUrl: string): Middleware => {
  const protection = new Map(Object.entries(headers(baseUrl.startsWith('https:'))))
  return (ctx, next) => {
    ctx.res.setHeaders(protection)
    return next()
  }
}

/**
 * Checks the host of a request and settles its scheme and address, so that whatever builds a URL
 * later builds ours.
 *
 * @throws Problem `wrong_host`, `method_not_allowed`
 */
export const edge = ({ baseUrl, trusted }: EdgeOptions): Middleware => {
  const { host, protocol } = new URL(baseUrl)
  const scheme = protocol.slice(0, -1)

  return (ctx, next) => {
    const { req } = ctx
    const peer = req.socket.remoteAddress ?? ''
    const behindProxy = trusted(peer)
    const claimed = (behindProxy && first(req.headers['x-forwarded-host'])) || req.headers.host
    ctx.state.address = behindProxy ? clientAddress(req, peer, trusted) : peer
    settle(req, host, scheme, ctx.state.address)
    // A whole URL in the request line would go before the header.
    const inLine = !req.url?.startsWith('/')
    if (inLine || claimed?.toLowerCase() !== host) throw new Problem('wrong_host')
    if (!methods.has(ctx.method)) {
      ctx.set('allow', allowed)
      throw new Problem('method_not_allowed')
    }
    return next()
  }
}

const first = (value: string | string[] | undefined): string | undefined =>
  String(value ?? '')
    .split(',')[0]
    ?.trim() || undefined

/** The nearest address that is no proxy of ours, read from the right: the left is anyone's to write. */
const clientAddress = (
  req: IncomingMessage,
  peer: string,
  trusted: (address: string) => boolean,
): string => {
  const chain = String(req.headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => /^[0-9a-f.:]{2,45}$/i.test(part))
  return [...chain, peer].findLast((address) => !trusted(address)) ?? peer
}

/** Leaves of a request only what has been settled. */
const settle = (req: IncomingMessage, host: string, scheme: string, address: string): void => {
  req.headers.host = host
  req.headers['x-forwarded-proto'] = scheme
  req.headers['x-forwarded-for'] = address
  for (const name of ['x-forwarded-host', 'x-forwarded-port', 'forwarded', 'x-real-ip']) {
    delete req.headers[name]
  }
}

const printable = /^[\x20-\x7e]*$/

/**
 * Refuses what cannot be text before anything reads it: control characters, broken escapes, broken
 * UTF-8.
 *
 * @throws Problem `bad_request`
 */
export const refuseBrokenText: Middleware = (ctx, next) => {
  const { url = '' } = ctx.req
  if (!printable.test(url) || !decodes(url)) throw new Problem('bad_request')
  return next()
}

const decodes = (url: string): boolean => {
  if (!url.includes('%')) return true
  try {
    return !decodeURIComponent(url).includes('\0')
  } catch {
    return false
  }
}
