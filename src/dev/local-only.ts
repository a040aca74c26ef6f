import type { Middleware } from 'koa'
import { problems } from '#src/lib/problem.ts'

const forwarding = /^(x-forwarded-.*|forwarded|via|x-real-ip|true-client-ip|cf-connecting-ip)$/

const pairs = (flat: readonly string[]): [name: string, value: string][] =>
  Array.from({ length: flat.length / 2 }, (_, i) => [
    flat[2 * i]!.toLowerCase(),
    flat[2 * i + 1]!.toLowerCase(),
  ])

/**
 * Whether a request came straight to this machine under the server's own name: `Host` is the one
 * of `baseUrl` (a page that had its own name rebound to 127.0.0.1 sends another), and no proxy has
 * left a trace.
 *
 * @param rawHeaders as they came over the wire, names and values in turn
 */
export const isLocal = (rawHeaders: readonly string[], baseUrl: string): boolean => {
  const headers = pairs(rawHeaders)
  const hosts = headers.filter(([name]) => name === 'host').map(([, value]) => value)
  const forwarded = headers.some(([name]) => forwarding.test(name))
  return !forwarded && hosts.length === 1 && hosts[0] === new URL(baseUrl).host
}

const isBelow = (path: string, prefix: string): boolean =>
  path.toLowerCase() === prefix || path.toLowerCase().startsWith(`${prefix}/`)

/**
 * Answers 404 to whatever did not come straight to this machine, as if there were nothing. It reads
 * the headers as they were sent, so it may stand anywhere; first of all is best, since it needs
 * nothing and throws nothing.
 *
 * @param prefix only paths below it, such as `/dev`; everything if left out
 */
export const localOnly =
  ({ baseUrl, prefix }: { baseUrl: string; prefix?: string }): Middleware =>
  async (ctx, next) => {
    const concerned = prefix === undefined || isBelow(ctx.path, prefix)
    if (!concerned || isLocal(ctx.req.rawHeaders, baseUrl)) return next()
    ctx.status = problems.not_found.status
    ctx.body = problems.not_found.title
  }
