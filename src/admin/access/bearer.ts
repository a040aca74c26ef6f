import type { Context } from 'koa'
import { bearer } from '#src/api/index.ts'
import type { Client } from '#src/clients/index.ts'
import type { AccessToken } from '#src/oidc/index.ts'
import { type Actor, type Role, type Scope, scopes } from '../contract.ts'
import { roleAllows } from './policy.ts'

export interface BearerDeps {
  /** Null for what is no valid token for this API. */
  readToken: (token: string) => Promise<AccessToken | null>
  findClient: (clientId: string) => Promise<Client | null>
  /** Null for whoever is no admin, or is blocked. */
  findRole: (userId: string) => Promise<Role | null>
}

/**
 * Who calls the management API (RFC 6750, RFC 9068). A token says what may be done at most; what
 * the client and the person may do now is looked up, so that taking a right away works at once.
 *
 * @throws Problem `unauthenticated`, with the challenge in `WWW-Authenticate`
 */
export const readActor = (deps: BearerDeps, ctx: Context): Promise<Actor> =>
  bearer(ctx, async (token) => {
    const found = await deps.readToken(token)
    return found && toActor(deps, found)
  })

/**
 * Imported people keep their ids, so that one may be called like a client (RFC 9068, section 5): but
 * the token of a person says when they proved who they are.
 */
const isOfProgram = ({ sub, clientId, authenticatedAt }: AccessToken): boolean =>
  sub === clientId && authenticatedAt === null

const toActor = async (deps: BearerDeps, token: AccessToken): Promise<Actor | null> => {
  const client = await deps.findClient(token.clientId)
  if (!client) return null
  const may = (scope: Scope) => token.scopes.includes(scope) && client.api_scopes.includes(scope)
  if (isOfProgram(token)) {
    return {
      kind: 'client',
      id: token.clientId,
      role: null,
      scopes: new Set(scopes.filter(may)),
      authenticatedAt: null,
    }
  }
  const role = await deps.findRole(token.sub)
  // An admin's access is worth two factors, whichever application uses it.
  if (!role || token.acr === null || token.acr === 'aal1') return null
  return {
    kind: 'person',
    id: token.sub,
    role,
    scopes: new Set(scopes.filter((scope) => may(scope) && roleAllows(role, scope))),
    authenticatedAt: token.authenticatedAt,
  }
}
