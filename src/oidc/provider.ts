import type Keygrip from 'keygrip'
import type { Middleware } from 'koa'
import { type JWKS, Provider } from 'oidc-provider'
import type { Client } from '#src/clients/index.ts'
import type { Settings } from '#src/settings/contract.ts'
import type { Users } from '#src/users/index.ts'
import { findAccount } from './accounts.ts'
import { useClients } from './clients.ts'
import { configuration } from './configuration.ts'
import type { Consents } from './consent-repository.ts'
import { loadGrant } from './grants.ts'
import type { OwnApi } from './own-apis.ts'
import type { IsCarried } from './prompts.ts'
import type { Screens } from './screens.ts'
import type { SecondFactors } from './second-factors.ts'
import type { storage } from './storage/adapter.ts'
import type { replayRepository } from './storage/request-repository.ts'

export interface ProviderDeps {
  issuer: string
  jwks: JWKS
  apis: readonly OwnApi[]
  cookieKeys: Keygrip
  adapter: ReturnType<typeof storage>
  replays: ReturnType<typeof replayRepository>
  consents: Consents
  users: Users
  settings: () => Settings
  secondFactors: SecondFactors
  isCarried: IsCarried
  findClient: (clientId: string) => Promise<Client | null>
  screens: Screens
  middleware: readonly Middleware[]
}

/** The OpenID Connect provider, to be mounted at the path of its issuer. */
export const createProvider = (deps: ProviderDeps): Provider => {
  const { issuer, settings, screens } = deps
  const https = new URL(issuer).protocol === 'https:'
  const table = configuration(settings, https, deps.apis, deps)
  const provider = new Provider(issuer, {
    ...table,
    adapter: deps.adapter,
    jwks: deps.jwks,
    findAccount: findAccount(deps.users),
    loadExistingGrant: loadGrant({ consents: deps.consents, settings }),
    renderError: (ctx, out, error) => screens.error(ctx, out, error),
    cookies: { ...table.cookies, keys: deps.cookieKeys as never },
    features: {
      ...table.features,
      deviceFlow: {
        ...table.features.deviceFlow,
        userCodeInputSource: (ctx, _form, _out, error) => screens.deviceCode(ctx, error),
        userCodeConfirmSource: (ctx, _form, client, device, userCode) =>
          screens.deviceConfirm(ctx, client, device, userCode),
        successSource: (ctx) => screens.deviceDone(ctx),
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx) => screens.logout(ctx),
        postLogoutSuccessSource: (ctx) => screens.signedOut(ctx),
      },
    },
  })

  // Scheme and address have been pinned before the request comes here.
  provider.proxy = true
  useClients(provider, deps.findClient)
  spendProofsOnce(provider, deps.replays)
  provider.use(keepUserCode)
  for (const middleware of deps.middleware) provider.use(middleware)
  return provider
}

/** Seconds by which the clock of a proof may be ahead of ours, so that it is taken for longer. */
const datedAhead = 300

/** The library looks first and then stores; ours is one statement that one caller wins. */
const spendProofsOnce = (provider: Provider, replays: ProviderDeps['replays']): void => {
  const model = provider.ReplayDetection as unknown as {
    unique(issuer: string, jti: string, exp: number): Promise<boolean>
  }
  model.unique = (issuer, jti, exp) =>
    replays.first(`${issuer} ${jti}`, exp - Math.floor(Date.now() / 1000) + datedAhead)
}

/** `verification_uri_complete` fills the page's field in; the library would submit it at once. */
const keepUserCode: Middleware = (ctx, next) => {
  if (ctx.method === 'GET' && ctx.path === '/device' && typeof ctx.query.user_code === 'string') {
    ctx.state.userCode = ctx.query.user_code
    ctx.query = { ...ctx.query, user_code: undefined } as never
  }
  return next()
}
