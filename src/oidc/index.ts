/**
 * The protocol: the only folder that knows oidc-provider. It stores what the library needs stored,
 * decides when a person has to be asked something, and hands that over to the pages as an
 * {@link Interaction}. What is asked, and how it is proven, is decided elsewhere.
 */
import type { JWK } from 'jose'
import type Keygrip from 'keygrip'
import type Koa from 'koa'
import type { Context, Middleware } from 'koa'
import mount from 'koa-mount'
import type { Client } from '#src/clients/index.ts'
import type { Db } from '#src/db/contract.ts'
import type { Keyring } from '#src/lib/crypto.ts'
import type { Dispatch } from '#src/lib/dispatch.ts'
import type { Outbound } from '#src/lib/outbound.ts'
import { Problem } from '#src/lib/problem.ts'
import type { Pages } from '#src/lib/show.ts'
import type { Settings } from '#src/settings/contract.ts'
import type { Users } from '#src/users/index.ts'
import { type AccessToken, accessTokens } from './access-token.ts'
import { logoutRepository } from './back-channel/repository.ts'
import { type LogoutNewsDeps, logoutNews } from './back-channel/send.ts'
import { type BrowserSession, sessionReader } from './browser-session.ts'
import { sweepExpired } from './cleanup-repository.ts'
import { forgetClient } from './client-repository.ts'
import { consentRepository } from './consent-repository.ts'
import { sessionCookieName } from './cookies.ts'
import { type Interactions, interactions } from './interactions.ts'
import { keyRepository } from './key-repository.ts'
import { type Algorithm, rotateKey, signingKeys } from './keys.ts'
import { logout } from './logout.ts'
import type { OwnApi } from './own-apis.ts'
import type { IsCarried } from './prompts.ts'
import { createProvider } from './provider.ts'
import { screens } from './screens.ts'
import { type SecondFactorDeps, type SecondFactors, secondFactors } from './second-factors.ts'
import { storage } from './storage/adapter.ts'
import { interactionRepository, replayRepository } from './storage/request-repository.ts'
import { sessionRepository } from './storage/session-repository.ts'
import { grantRepository } from './storage/token-repository.ts'
import { writeAtEnd } from './write-at-end.ts'

export type { AccessToken } from './access-token.ts'
export type { LogoutDelivery } from './back-channel/contract.ts'
export { logoutRepository } from './back-channel/repository.ts'
export type { BrowserSession } from './browser-session.ts'
export { cookieKeys } from './cookies.ts'
export { permissionKey } from './grants.ts'
export type { Interaction, Interactions, SignedIn } from './interactions.ts'
export { algorithms, listKeys, type SigningKey } from './keys.ts'
export type { OwnApi } from './own-apis.ts'
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
  /** Those whose access tokens are made and read here. */
  apis: readonly OwnApi[]
  settings: () => Settings
  users: Users
  findClient: (clientId: string) => Promise<Client | null>
  adminRole: SecondFactorDeps['adminRole']
  /** Whether the person has asked not to be asked for a second factor in this browser. */
  isTrusted: SecondFactorDeps['isTrusted']
  /** Whether this browser has just proven something, to begin a sign-in at this client with it. */
  isCarried: IsCarried
  pages: Pages
  /** @throws Problem when this address has typed too many codes of devices (RFC 8628 §5.1) */
  onUserCode: (address: string) => Promise<void>
  onSignedOut: (userId: string, everywhere: boolean) => Promise<void>
  /** Reaches clients that want to be told of ended sessions. */
  outbound: Outbound
  onLogoutTried: LogoutNewsDeps['onTried']
  log: LogoutNewsDeps['log']
}

export interface Oidc {
  /** Answers everything below the issuer. */
  middleware: Middleware
  interactions: Interactions
  /** Takes up keys that were rotated, and those whose time has come; run it now and then. */
  refreshKeys(): Promise<void>
  /** See {@link rotateKey}; `refreshKeys` once that is committed. */
  rotateKey(tx: Db, alg: Algorithm, atOnce: boolean): Promise<void>
  /** Deletes all that a client was given, in the transaction that deletes the client. */
  forgetClient(tx: Db, clientId: string): Promise<void>
  /** What an access token for one of `apis` says; null for any other, or one that has expired. */
  readAccessToken(token: string, audience: string): Promise<AccessToken | null>
  /** Who is signed in with the browser of a request, blocked people excepted. */
  readSession(ctx: Context): Promise<BrowserSession | null>
  /** See {@link SecondFactors}. */
  lacksSecondFactor: SecondFactors['isLacking']
  /** Tells clients of sessions that have ended; `send` it again and again. */
  logoutNews: Dispatch
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
  const sessionCookie = sessionCookieName(issuer.startsWith('https:'))
  const judged = secondFactors(deps)

  const drawn = screens({ pages: deps.pages, users, evaluation: deps.evaluation })

  /** What depends on the signing keys. A change makes it anew; requests under way keep theirs. */
  const withKeys = (signing: readonly JWK[]) => {
    const provider = createProvider({
      issuer,
      jwks: { keys: signing as (JWK & { kty: string })[] } as never,
      apis: deps.apis,
      cookieKeys: deps.cookies,
      adapter: storage({ db, keys }),
      replays: replayRepository(db),
      consents,
      users,
      settings,
      secondFactors: judged,
      isCarried: deps.isCarried,
      findClient: deps.findClient,
      screens: drawn,
      middleware: [
        countUserCodes(deps.onUserCode),
        logout({
          sessions,
          grants: grantRepository(db),
          sessionCookie,
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
      signing,
      mounted: mount('/oidc', provider as unknown as Koa),
      readAccessToken: accessTokens({ issuer, keys: signing }),
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
      apis: deps.apis,
      authorizePath: '/oidc/auth',
    }),
    async refreshKeys() {
      const newest = await version()
      if (newest === known) return
      current = withKeys(await signingKeys(db, keys))
      known = newest
    },
    rotateKey: (tx, alg, atOnce) => rotateKey(tx, keys, alg, atOnce),
    forgetClient,
    readAccessToken: (token, audience) => current.readAccessToken(token, audience),
    readSession: sessionReader({ sessions, cookie: sessionCookie }),
    lacksSecondFactor: judged.isLacking,
    logoutNews: logoutNews({
      db,
      issuer,
      keys: () => current.signing,
      findClient: deps.findClient,
      outbound: deps.outbound,
      onTried: deps.onLogoutTried,
      log: deps.log,
    }),
    async sweep() {
      await sweepExpired(db)
      await logoutRepository(db).sweep()
      await keyRepository(db).sweep()
    },
  }
}
