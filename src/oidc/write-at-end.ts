import type { Middleware } from 'koa'
import { errors, type KoaContextWithOIDC } from 'oidc-provider'
import { eventWrite } from '#src/audit/index.ts'
import type { Db } from '#src/db/contract.ts'
import type { Screens } from './screens.ts'
import { memo } from './storage/memo.ts'
import { carryOut, type Write } from './storage/unit-repository.ts'

export interface WriteAtEndDeps {
  db: Db
  screens: Pick<Screens, 'error'>
}

/**
 * Has the requests that sign people in and issue tokens write once, in one statement, before they
 * are answered: what was spent and what was issued for it are there together or not at all. Whoever
 * loses a race has an error instead of the answer that was prepared.
 */
export const writeAtEnd = ({ db, screens }: WriteAtEndDeps): Middleware => {
  const together: Middleware = async (ctx, next) => {
    const own = memo(ctx)
    const unit = new Map()
    own.unit = unit
    await next()
    own.unit = null
    // A request that failed after it was to spend something has spent nothing: another, which may be
    // about to succeed, would lose to it.
    if (ctx.path === '/token' && ctx.status >= 400) return
    const issued = eventOf(ctx as unknown as KoaContextWithOIDC, own.signIn)
    if (issued) unit.set('event', issued)
    try {
      await carryOut(db, unit)
    } catch (error) {
      // Nothing of what was prepared may get out: a cookie would name a session that is not there.
      ctx.remove('location')
      ctx.remove('set-cookie')
      if (!(error instanceof errors.OIDCProviderError)) throw error
      refuse(ctx as unknown as KoaContextWithOIDC, error, screens)
    }
  }
  return (ctx, next) => (/^\/(token|auth(\/.*)?)$/.test(ctx.path) ? together(ctx, next) : next())
}

/** Somebody got tokens for a sign-in, or for being signed in; to renew them is no news. */
const firstGrants = ['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code']

const eventOf = (ctx: KoaContextWithOIDC, signIn: string | null): Write | null => {
  const method = String(ctx.oidc?.params?.grant_type)
  if (ctx.path !== '/token' || !firstGrants.includes(method)) return null
  const write = eventWrite({
    event: 'token.issued',
    method: method.replace(/.*:/, ''),
    userId: ctx.oidc.account?.accountId ?? null,
    clientId: ctx.oidc.client?.clientId ?? null,
    interactionUid: signIn,
    address: ctx.state.address,
    reference: ctx.state.reference,
  })
  return {
    name: 'event',
    ...write,
    lost: () => new errors.InvalidGrant('grant request is invalid'),
  }
}

/** As the library answers errors. */
const refuse = (
  ctx: KoaContextWithOIDC,
  error: errors.OIDCProviderError,
  screens: WriteAtEndDeps['screens'],
): void => {
  const { error_description } = error
  const out = { error: error.error, ...(error_description ? { error_description } : {}) }
  ctx.status = error.statusCode
  if (ctx.path === '/token') ctx.body = out
  else screens.error(ctx, out, error)
}
