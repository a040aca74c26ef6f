import { decodeJwt } from 'jose'
import type { Context, Middleware } from 'koa'
import { hasOrigin } from '#src/clients/index.ts'
import type { AccountDeps } from '../deps.ts'

const exposed = 'www-authenticate, etag, retry-after'

/**
 * Lets pages of public clients read what the account API answers. A browser asks beforehand without
 * saying for whom, so any may ask; without a token of a client of that origin nothing is readable.
 */
export const crossOrigin =
  ({ findClient }: Pick<AccountDeps, 'findClient'>): Middleware =>
  async (koa, next) => {
    const ctx = koa as unknown as Context
    const origin = ctx.get('origin')
    if (!ctx.path.startsWith('/account/api/') || origin === '') return next()
    ctx.vary('origin')
    ctx.set('cross-origin-resource-policy', 'cross-origin')
    if (ctx.method === 'OPTIONS') {
      ctx.set({
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
        'access-control-allow-headers': 'authorization, content-type, if-match, idempotency-key',
        'access-control-max-age': '3600',
      })
      ctx.status = 204
      return
    }
    const client = await findClient(clientIdIn(ctx.get('authorization')))
    if (client && hasOrigin(client, origin)) {
      ctx.set({ 'access-control-allow-origin': origin, 'access-control-expose-headers': exposed })
    }
    return next()
  }

/** As the token says, which is checked later: nothing but an origin hangs on it here. */
const clientIdIn = (authorization: string): string => {
  try {
    return String(decodeJwt(authorization.split(' ')[1] ?? '').client_id ?? '')
  } catch {
    return ''
  }
}
