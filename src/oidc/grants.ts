import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import { sha256 } from '#src/lib/crypto.ts'
import type { Settings } from '#src/settings/contract.ts'
import { sessionAssurance, sessionFactors } from './assurance.ts'
import { isFirstParty } from './clients.ts'
import type { Consents } from './consent-repository.ts'

type Grant = InstanceType<Provider['Grant']>

/** One thing that may be granted, as consent remembers it. */
export type Permission =
  | { kind: 'scope'; name: string }
  | { kind: 'claim'; name: string }
  | { kind: 'resource'; indicator: string; name: string }

export const permissionKey = (permission: Permission): string =>
  permission.kind === 'resource'
    ? `${permission.indicator} ${permission.name}`
    : permission.kind === 'claim'
      ? `claim:${permission.name}`
      : permission.name

/** Everything that a request asks to be granted. */
export const requestedPermissions = ({ oidc }: KoaContextWithOIDC): Permission[] => {
  const all = oidc.requestParamScopes
  return [
    ...[...oidc.requestParamOIDCScopes].map((name): Permission => ({ kind: 'scope', name })),
    ...[...oidc.requestParamClaims].map((name): Permission => ({ kind: 'claim', name })),
    ...Object.entries(oidc.resourceServers ?? {}).flatMap(([indicator, server]) =>
      [...server.scopes]
        .filter((name) => all.has(name))
        .map((name): Permission => ({ kind: 'resource', indicator, name })),
    ),
  ]
}

const has = (grant: Grant, permission: Permission): boolean => {
  if (permission.kind === 'claim') return grant.getOIDCClaims().includes(permission.name)
  const scopes =
    permission.kind === 'scope'
      ? grant.getOIDCScope()
      : grant.getResourceScope(permission.indicator)
  return scopes.split(' ').includes(permission.name)
}

const add = (grant: Grant, permission: Permission): void => {
  if (permission.kind === 'scope') grant.addOIDCScope(permission.name)
  else if (permission.kind === 'claim') grant.addOIDCClaims([permission.name])
  else grant.addResourceScope(permission.indicator, permission.name)
}

export interface GrantDeps {
  consents: Consents
  settings: () => Settings
}

/**
 * The grant of this session for this client, with what may be added to it without asking: for
 * first-party clients everything, for others what the person has consented to before. Every session
 * has its own, and every device that gets its tokens by a code, so that revoking one's tokens does
 * not sign out another.
 */
export const loadGrant =
  ({ consents, settings }: GrantDeps) =>
  async (ctx: KoaContextWithOIDC): Promise<Grant | undefined> => {
    const { session, client, provider, account, result } = ctx.oidc
    if (!session || !client || !account) return undefined
    if (!result?.login) renewAssurance(ctx, settings())

    const { clientId } = client
    const { accountId } = account
    const device = ctx.oidc.entities.DeviceCode?.jti
    // Named after whose it is, so that two requests that come first at once make one and the same.
    const own = nameOf('grant', session.uid, clientId, accountId, ...(device ? [device] : []))
    const id = device ? own : session.grantIdFor(clientId)
    const found = id ? await provider.Grant.find(id) : undefined
    const grant = found?.accountId === accountId ? found : undefined
    const missing = requestedPermissions(ctx).filter((one) => !grant || !has(grant, one))
    if (missing.length === 0) return grant

    const allowed = isFirstParty(client)
      ? missing
      : await consented(consents, accountId, clientId, missing)
    if (allowed.length === 0) return grant

    const extended = grant ?? new provider.Grant({ accountId, clientId })
    extended.jti ??= own
    if (!session.sidFor(clientId)) {
      session.sidFor(clientId, nameOf('sid', session.uid, clientId, accountId))
    }
    for (const permission of allowed) add(extended, permission)
    await extended.save()
    return extended
  }

const nameOf = (...parts: string[]): string => sha256(parts.join(' ')).toString('base64url')

const consented = async (
  consents: Consents,
  userId: string,
  clientId: string,
  missing: readonly Permission[],
): Promise<Permission[]> => {
  const given = new Set(await consents.find(userId, clientId))
  return missing.filter((one) => given.has(permissionKey(one)))
}

/**
 * Two factors count for less long than the session lasts; from then on it says `aal1`, until more
 * is proven: to be back does not bring it back.
 */
const renewAssurance = (ctx: KoaContextWithOIDC, { session: limits }: Settings): void => {
  const session = ctx.oidc.session!
  const now = sessionAssurance(sessionFactors(session.uid), session, limits)
  if (now?.acr !== 'aal1' || session.acr === 'aal1') return
  session.acr = now.acr
  session.amr = now.amr
}
