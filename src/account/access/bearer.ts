import type { Context } from 'koa'
import { bearer } from '#src/api/index.ts'
import type { Problem } from '#src/lib/problem.ts'
import { personAccess } from '#src/oidc/index.ts'
import { type Acr, acrValues } from '#src/verification/index.ts'
import { type Actor, type Scope, scopes } from '../contract.ts'
import type { AccountDeps } from '../deps.ts'

export const audienceOf = (baseUrl: string): string => `${baseUrl}/account/api`

/**
 * Who calls the account API (RFC 6750, RFC 9068): a person, through a client that may. That the
 * session is still there and the person not blocked is looked up each time, so that an end to
 * either is one at once.
 *
 * @throws Problem `unauthenticated`
 */
export const readCaller = (deps: AccountDeps, ctx: Context): Promise<Actor> =>
  bearer(ctx, async (token) => {
    const found = await deps.readAccessToken(token, audienceOf(deps.baseUrl))
    if (!found?.sessionUid || found.sub === found.clientId) return null
    const client = await deps.findClient(found.clientId)
    const { sub: id, sessionUid, clientId } = found
    const factors = client && (await personAccess(deps.db).liveFactors(id, sessionUid, clientId))
    if (!client || !factors) return null
    const may = (scope: Scope) => found.scopes.includes(scope) && client.api_scopes.includes(scope)
    const acr = acrValues.find((each) => each === found.acr) ?? ('aal1' as Acr)
    return {
      kind: 'person',
      id,
      sessionUid,
      clientId,
      scopes: new Set(scopes.filter(may)),
      signedInAt: found.authenticatedAt ?? new Date(0),
      acr,
      factors,
      locale: deps.pages.language(ctx).code,
    }
  })

/** Tells a client what to ask the person for (RFC 9470, section 3). */
export const challenge = (ctx: Context, { code, values }: Problem): void => {
  if (code !== 'insufficient_user_authentication') return
  ctx.set(
    'www-authenticate',
    `Bearer error="insufficient_user_authentication", acr_values="${values.acr}", max_age="${values.maxAge}"`,
  )
}
