/**
 * The protocol: the only folder that knows oidc-provider. It stores what the library needs stored,
 * decides when a person has to be asked something, and hands that over to the pages as an
 * {@link Interaction}. What is asked, and how it is proven, is decided elsewhere.
 */
import type { JWK } from 'jose'
import type Keygrip from 'keygrip'
import type Koa from 'koa'
import type { Middleware } from 'koa'
import mount from 'koa-mount'
import type { Client } from '#src/clients/index.ts'
import type { Db } from '#src/db/contract.ts'
import type { Keyring } from '#src/lib/crypto.ts'
import { Problem } from '#src/lib/problem.ts'
import type { Pages } from '#src/lib/show.ts'
import type { Settings } from '#src/settings/contract.ts'
import type { Users } from '#src/users/index.ts'
import { type AccessToken, accessTokens } from './access-token.ts'
import { sweepExpired } from './cleanup-repository.ts'
import { forgetClient } from './client-repository.ts'
import type { OwnApi } from './configuration.ts'
import { consentRepository } from './consent-repository.ts'
import { type Interactions, interactions } from './interactions.ts'
import { keyRepository } from './key-repository.ts'
import { type Algorithm, rotateKey, signingKeys } from './keys.ts'
import { logout } from './logout.ts'
import { createProvider } from './provider.ts'
import { screens } from './screens.ts'
import { storage } from './storage/adapter.ts'
import { interactionRepository, replayRepository } from './storage/request-repository.ts'
import { sessionRepository } from './storage/session-repository.ts'
import { grantRepository } from './storage/token-repository.ts'
import { writeAtEnd } from './write-at-end.ts'

export type { AccessToken } from './access-token.ts'
export { cookieKeys } from './cookies.ts'
export { permissionKey } from './grants.ts'
export type { Interaction, Interactions, SignedIn } from './interactions.ts'
export { algorithms, listKeys, type SigningKey } from './keys.ts'
export {
  type ConnectedClient,
  type PersonSession,
  personAccess,
} from './person-access-repository.ts'

export interface OidcDeps {
  db: Db
  keys: Keyring
  cookies: Keygrip
  baseUrl: string
  evaluation: boolean
  /** The management API, whose access tokens are made and read here. */
  api: OwnApi
  settings: () => Settings
  users: Users
  findClient: (clientId: string) => Promise<Client | null>
  pages: Pages
  /** @throws Problem when this address has typed too many codes of devices (RFC 8628 §5.1) */
  onUserCode: (address: string) => Promise<void>
  onSignedOut: (userId: string, everywhere: boolean) => Promise<void>
}

export interface Oidc {
  /** Answers everything below the issuer. */
  middleware: Middleware
  interactions: Interactions
  /** Takes up keys that were rotated, and those whose time has come; run it now and then. */
  refreshKeys(): Promise<void>
  /** See {@link rotateKey}; `refreshKeys` once that is committed. */
  rotateKey(tx: Db, alg: Algorithm, atOnce: boolean): Promise<void>
  /** Ends all sessions of a person, and all tokens, except those of the session given. */
  signOutEverywhere(userId: string, exceptSessionUid?: string | null): Promise<void>
  /** Deletes all that a client was given, in the transaction that deletes the client. */
  forgetClient(tx: Db, clientId: string): Promise<void>
  /** What an access token for `api` says; null for any other, or one that has expired. */
  readAccessToken(token: string): Promise<AccessToken | null>
  sweep(): Promise<void>
}

const countUserCodes =
  (count: OidcDeps['onUserCode']): Middleware =>
  (ctx, next) =>
    ctx.method === 'POST' && ctx.path === '/device' ? count(ctx.state.address).then(next) : next()

/** Builds the provider; its issuer is `$BASE_URL/oidc`. */
export const oidc = async (deps: OidcDeps): Promise<Oidc> => {
  const { db, keys, baseUrl, settings, users } = deps
  const issuer = `${baseUrl}/oidc`
  const sessions = sessionRepository(db)
  const consents = consentRepository(db)
  const https = issuer.startsWith('https:')

  const drawn = screens({ pages: deps.pages, users, evaluation: deps.evaluation })

  /** What depends on the signing keys. A change makes it anew; requests under way keep theirs. */
  const withKeys = (signing: readonly JWK[]) => {
    const provider = createProvider({
      issuer,
      jwks: { keys: signing as (JWK & { kty: string })[] } as never,
      api: deps.api,
      cookieKeys: deps.cookies,
      adapter: storage({ db, keys }),
      replays: replayRepository(db),
      consents,
      users,
      settings,
      findClient: deps.findClient,
      screens: drawn,
      middleware: [
        countUserCodes(deps.onUserCode),
        logout({
          sessions,
          grants: grantRepository(db),
          sessionCookie: https ? '__Host-avouch_session' : 'avouch_session',
          onSignedOut: deps.onSignedOut,
        }),
        writeAtEnd({ db, screens: drawn }),
      ],
    })
    provider.on('server_error', (ctx, error) => {
      ctx.state.problem =
        error instanceof Problem ? error : new Problem('internal', { cause: error })
    })
    return {
      provider,
      mounted: mount('/oidc', provider as unknown as Koa),
      readAccessToken: accessTokens({ issuer, audience: deps.api.audience, keys: signing }),
    }
  }

  const version = () => keyRepository(db).version()
  let current = withKeys(await signingKeys(db, keys))
  let known = await version()

  return {
    middleware: (ctx, next) => current.mounted(ctx, next),
    interactions: interactions({
      provider: () => current.provider,
      requests: interactionRepository(db, keys),
      sessions,
      consents,
      authorizePath: '/oidc/auth',
    }),
    async refreshKeys() {
      const newest = await version()
      if (newest === known) return
      current = withKeys(await signingKeys(db, keys))
      known = newest
    },
    rotateKey: (tx, alg, atOnce) => rotateKey(tx, keys, alg, atOnce),
    signOutEverywhere: (userId, exceptSessionUid = null) =>
      sessions.destroyByAccount(userId, exceptSessionUid),
    forgetClient,
    readAccessToken: (token) => current.readAccessToken(token),
    async sweep() {
      await sweepExpired(db)
      await keyRepository(db).sweep()
    },
  }
}
