import type { ClientAuthMethod, Configuration, KoaContextWithOIDC } from 'oidc-provider'
import { errors } from 'oidc-provider'
import type { Settings } from '#src/settings/contract.ts'
import { acrValues } from '#src/verification/index.ts'
import { claimsByScope } from './accounts.ts'
import { extraMetadata, isFirstParty, type ModelClient, mayReadAnswers } from './clients.ts'
import { sessionCookieName } from './cookies.ts'
import type { OwnApi } from './own-apis.ts'
import { type PromptDeps, prompts } from './prompts.ts'

const minute = 60
const day = 24 * 60 * minute
/** However often it is refreshed, a sign-in ends here (RFC 9700 §4.14.2). */
const refreshAbsolute = 90 * day
const refreshIdle = 14 * day
/** A client assertion is made for one request (RFC 7523 §3). */
const assertionLife = 5 * minute
const clockSkew = 15

/** What the library is told that does not depend on anything else: one table, read once. */
export const configuration = (
  settings: () => Settings,
  https: boolean,
  apis: readonly OwnApi[],
  asked: PromptDeps,
) =>
  ({
    responseTypes: ['code'],
    scopes: ['openid', 'offline_access', 'profile', 'email', 'phone', 'roles', 'custom_data'],
    claims: claimsByScope,
    acrValues: [...acrValues],
    conformIdTokenClaims: false,
    subjectTypes: ['public'],
    clientAuthMethods: [
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
      'none',
    ] as ClientAuthMethod[],
    enabledJWA: {
      idTokenSigningAlgValues: ['RS256', 'ES256'],
      clientAuthSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'],
      dPoPSigningAlgValues: ['ES256', 'EdDSA', 'Ed25519', 'RS256', 'PS256'],
    },
    clockTolerance: clockSkew,
    assertJwtClientAuthClaimsAndHeader: (_ctx, { exp }) => {
      if (Number(exp) - Date.now() / 1000 <= assertionLife + clockSkew) return
      throw new errors.InvalidClientAuth('the client assertion is good for more than five minutes')
    },
    pkce: { required: (_ctx, client) => client.require_pkce !== false },
    extraClientMetadata: { properties: [...extraMetadata] },
    extraParams: { keep_offline_access: keepOfflineAccess },
    interactions: {
      policy: prompts(settings, asked),
      url: (_ctx, interaction) => `/interaction/${interaction.uid}`,
    },
    issueRefreshToken: async (_ctx, client, code) =>
      client.grantTypeAllowed('refresh_token') && code.scopes.has('offline_access'),
    rotateRefreshToken: rotates,
    clientBasedCORS: (_ctx, origin, client) => mayReadAnswers(client, origin),
    cookies: {
      names: {
        session: sessionCookieName(https),
        interaction: https ? '__Secure-avouch_interaction' : 'avouch_interaction',
        resume: https ? '__Secure-avouch_resume' : 'avouch_resume',
      },
      long: { httpOnly: true, sameSite: 'lax', secure: https, signed: true, path: '/' },
      short: { httpOnly: true, sameSite: 'lax', secure: https, signed: true },
    },
    ttl: {
      AuthorizationCode: minute,
      AccessToken: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? 15 * minute,
      ClientCredentials: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? 10 * minute,
      IdToken: 15 * minute,
      Interaction: 30 * minute,
      DeviceCode: 10 * minute,
      Grant: refreshAbsolute + day,
      RefreshToken: (_ctx, token) =>
        Math.max(Math.min(refreshIdle, refreshAbsolute - token.totalLifetime()), 1),
      Session: (_ctx, session) => {
        const { idleSeconds, absoluteSeconds } = settings().session
        const age = session.loginTs ? Math.floor(Date.now() / 1000) - session.loginTs : 0
        return Math.max(Math.min(idleSeconds, absoluteSeconds - age), 1)
      },
    },
    // JWT access tokens tell a resource server how the person signed in (RFC 9470 §6.2).
    extraTokenClaims: (ctx, token) => {
      const { AuthorizationCode, DeviceCode, RefreshToken } = ctx.oidc.entities
      const from = AuthorizationCode ?? DeviceCode ?? RefreshToken
      if (token.kind !== 'AccessToken' || !token.aud || !from) return undefined
      return {
        acr: from.acr,
        amr: from.amr,
        auth_time: from.authTime,
        // Ours ends with the session, so that it can be told at once that it has ended.
        ...(apis.some(({ audience }) => audience === token.aud) && token.sessionUid
          ? { session_uid: token.sessionUid }
          : {}),
      }
    },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: true },
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true, charset: 'base-20', mask: '****-****' },
      revocation: { enabled: true, allowedPolicy: isOwnToken },
      introspection: { enabled: true, allowedPolicy: isOwnToken },
      pushedAuthorizationRequests: { enabled: true },
      claimsParameter: { enabled: true },
      dPoP: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        defaultResource: () => [],
        getResourceServerInfo: (_ctx, indicator, client) => {
          const own = apis.find(({ audience }) => audience === indicator)
          return own ? ownApi(own, client) : resource(settings(), indicator, client)
        },
      },
      rpInitiatedLogout: { enabled: true },
      // Advertised by the library and sent by `back-channel`: no client of its own has an address.
      backchannelLogout: { enabled: true },
    },
  }) satisfies Configuration

/** A client asks about its own tokens and ends its own tokens, and learns nothing of others. */
const isOwnToken = (
  _ctx: KoaContextWithOIDC,
  client: ModelClient,
  token: { clientId?: string | undefined },
) => token.clientId === client.clientId

/** Public clients at every use; others are bound to their authentication, and late. */
const rotates = ({ oidc }: KoaContextWithOIDC): boolean => {
  const { RefreshToken: token, Client: client } = oidc.entities
  if (!token || !client || token.totalLifetime() >= refreshAbsolute) return false
  if (client.tokenEndpointAuthMethod === 'none' && !token.isSenderConstrained()) return true
  return token.ttlPercentagePassed() >= 70
}

const ownApi = ({ audience, scopes }: OwnApi, client: ModelClient) => {
  const allowed = client.api_scopes as readonly string[]
  return {
    scope: scopes.filter((one) => allowed.includes(one)).join(' '),
    audience,
    accessTokenTTL: 10 * minute,
    accessTokenFormat: 'jwt' as const,
    jwt: { sign: { alg: 'ES256' as const } },
  }
}

const resource = (settings: Settings, indicator: string, client: ModelClient) => {
  const found = settings.resources.find((each) => each.indicator === indicator)
  if (!found) throw new errors.InvalidTarget()
  const allowed = client.api_scopes as readonly string[] | undefined
  const scopes = allowed?.length
    ? found.scopes.filter((one) => allowed.includes(one))
    : found.scopes
  return {
    scope: scopes.join(' '),
    audience: indicator,
    accessTokenTTL: found.accessTokenTtlSeconds,
    accessTokenFormat: 'jwt' as const,
    jwt: { sign: { alg: 'ES256' as const } },
  }
}

/**
 * The library drops `offline_access` from a request without `prompt=consent`. A first-party client
 * asks nobody for consent, so it keeps what it asked for. Runs as the check of a parameter that
 * nobody sends, since that is where the library lets a request be adjusted.
 */
function keepOfflineAccess(ctx: KoaContextWithOIDC, _value: unknown, client: ModelClient): void {
  const { oidc } = ctx
  const asked = [ctx.query.scope, oidc.body?.scope, pushedScope(oidc)].filter(Boolean).join(' ')
  if (!isFirstParty(client) || !client.grantTypeAllowed('refresh_token')) return
  const scopes = new Set(String(oidc.params?.scope ?? '').split(' '))
  if (!asked.split(' ').includes('offline_access') || scopes.has('offline_access')) return
  oidc.params!.scope = `${oidc.params?.scope} offline_access`
}

/** A pushed request is kept as an unsecured JWT. */
const pushedScope = ({ entities }: KoaContextWithOIDC['oidc']): unknown => {
  const jwt = entities.PushedAuthorizationRequest?.request
  if (!jwt) return undefined
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()).scope
}
