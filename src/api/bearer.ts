import type { Context } from 'koa'
import { Problem } from '#src/lib/problem.ts'

/**
 * Whom the bearer token of a request belongs to (RFC 6750).
 *
 * @param find null for what is no token here, or of nobody who may call
 * @throws Problem `unauthenticated`, with the challenge in `WWW-Authenticate`
 */
export const bearer = async <Actor>(
  ctx: Context,
  find: (token: string) => Promise<Actor | null>,
): Promise<Actor> => {
  const [scheme, token, ...more] = ctx.get('authorization').split(' ')
  const given = scheme?.toLowerCase() === 'bearer' && token && more.length === 0
  const actor = given ? await find(token) : null
  if (actor) return actor
  ctx.set('www-authenticate', given ? 'Bearer error="invalid_token"' : 'Bearer')
  throw new Problem('unauthenticated')
}
