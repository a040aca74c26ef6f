import type { Middleware } from 'koa'
import { Problem } from './problem.ts'

const safe = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Refuses state changes that another site makes in a person's browser. Browsers say where a request
 * comes from (`Sec-Fetch-Site`, and `Origin` with every POST); a request that says neither comes
 * from no browser, and carries no one's cookies without their knowledge.
 *
 * @throws Problem `cross_site_request`
 * @see https://www.w3.org/TR/fetch-metadata/
 */
export const refuseCrossSite =
  (origin: string): Middleware =>
  async (ctx, next) => {
    if (
      !safe.has(ctx.method) &&
      !isSameOrigin(ctx.get('sec-fetch-site'), ctx.get('origin'), origin)
    ) {
      throw new Problem('cross_site_request')
    }
    await next()
  }

/** `Origin` is `null` on pages that send no referrer, so that what `Sec-Fetch-Site` says goes first. */
const isSameOrigin = (site: string, from: string, origin: string): boolean =>
  site === '' ? from === '' || from === origin : site === 'same-origin' || site === 'none'
