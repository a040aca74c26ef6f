import type { Middleware } from 'koa'
import type { KoaContextWithOIDC } from 'oidc-provider'
import type { Stored } from './storage/memo.ts'
import type { Sessions } from './storage/session-repository.ts'
import type { Grants } from './storage/token-repository.ts'

export interface LogoutDeps {
  sessions: Sessions
  grants: Grants
  sessionCookie: string
  /** The person leaves this browser; everywhere: ends all that they are signed in to. */
  onSignedOut: (userId: string, everywhere: boolean) => Promise<void>
}

/**
 * What RP-initiated logout does beyond the library. A valid hint for this very session asks nothing;
 * the refresh tokens that this session gave to the client die with it, those with `offline_access`
 * too; and a person may end all their sessions at once.
 */
export const logout = (deps: LogoutDeps): Middleware => {
  const { sessions, grants, sessionCookie, onSignedOut } = deps

  /** Ends the session and what hangs on it; refresh tokens of other clients outlive it. */
  const end = async (ctx: KoaContextWithOIDC) => {
    const session = ctx.oidc.session!
    for (const [clientId, entry] of Object.entries(session.authorizations ?? {})) {
      const { grantId, persistsLogout } = entry as { grantId?: string; persistsLogout?: boolean }
      const asks = clientId === ctx.oidc.client?.clientId
      if (grantId && (asks || !persistsLogout)) await grants.revoke(grantId)
    }
    await sessions.destroyByUid(session.uid)
    ctx.cookies.set(sessionCookie, null, { path: '/', httpOnly: true, overwrite: true })
    ctx.set(...forget)
  }

  const leave = (ctx: KoaContextWithOIDC) => {
    const { post_logout_redirect_uri: uri, state } = ctx.oidc.params ?? {}
    const target = new URL(typeof uri === 'string' ? uri : ctx.oidc.urlFor('end_session_success'))
    if (typeof uri === 'string' && typeof state === 'string')
      target.searchParams.set('state', state)
    ctx.status = 303
    ctx.redirect(target.href)
  }

  return async (koa, next) => {
    await next()
    const ctx = koa as unknown as KoaContextWithOIDC
    const session = ctx.oidc?.session
    if (!session || ctx.status >= 400) return

    if (ctx.oidc.route === 'end_session') {
      const userId = session.accountId
      if (!userId) return leave(ctx)
      if (!hintNames(ctx)) return
      await end(ctx)
      await onSignedOut(userId, false)
      return leave(ctx)
    }

    if (ctx.oidc.route === 'end_session_confirm' && ctx.oidc.params?.logout && session.accountId) {
      const everywhere = (ctx.oidc.body as Stored | undefined)?.everywhere === 'yes'
      const asking = (session.state as { clientId?: string } | undefined)?.clientId
      const grantId = asking ? session.grantIdFor(asking) : undefined
      if (grantId) await grants.revoke(grantId)
      await onSignedOut(session.accountId, everywhere)
      ctx.set(...forget)
    }
  }
}

/** Nothing of the person stays in the browser; cookies that name nobody do, or it would be unknown. */
const forget = ['clear-site-data', '"cache", "storage"'] as const

/** Whether the hint is an ID token of this person, this client and this session. */
const hintNames = ({ oidc }: KoaContextWithOIDC): boolean => {
  const hint = (oidc.entities as { IdTokenHint?: { payload: Stored } }).IdTokenHint?.payload
  if (!hint || hint.sub !== oidc.session?.accountId || !oidc.client) return false
  return hint.sid === oidc.session?.sidFor(oidc.client.clientId)
}
