import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import Koa from 'koa'
import mount from 'koa-mount'
import { type Configuration, interactionPolicy, Provider } from 'oidc-provider'
import {
  demoApp,
  demoClient,
  type InboxDeps,
  type InboxMessage,
  inboxRoutes,
  localOnly,
} from '#src/dev/index.ts'
import { loadAssets } from '#src/lib/assets.ts'
import { Problem } from '#src/lib/problem.ts'
import { loadViews } from '#src/lib/render.ts'
import type { Scope } from '../support/scope.ts'

export const api = { resource: 'https://api.demo.example', scope: 'orders:read' }
export const assets = loadAssets('views/assets')
export const render = await loadViews({ directory: 'views', assets })

/** A server on loopback whose listener may be made once its address is known. */
export const listen = async (port = 0) => {
  let answer: RequestListener = (_req, res) => res.writeHead(503).end()
  const server = createServer((req, res) => answer(req, res))
  server.listen(port, 'localhost')
  await once(server, 'listening')
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    port: (server.address() as AddressInfo).port,
    serve: (listener: RequestListener) => {
      answer = listener
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

export type Listening = Awaited<ReturnType<typeof listen>>

/** Whoever is signed in is asked again where that was less than what is asked for now. */
const asksForMore = () => {
  const policy = interactionPolicy.base()
  policy.get('login')!.checks.add(
    new interactionPolicy.Check('acr', 'not enough', 'login_required', ({ oidc }) => {
      const asked = oidc.params?.acr_values
      return !oidc.result?.login && asked !== undefined && oidc.session?.acr !== asked
    }),
  )
  return policy
}

const configuration = (demoUrl: string, secret: string | undefined): Configuration => ({
  clients: [
    {
      ...demoClient(demoUrl),
      // The library takes it with https alone.
      initiate_login_uri: undefined,
      client_id: 'demo',
      ...(secret
        ? { client_secret: secret, token_endpoint_auth_method: 'client_secret_basic' }
        : { token_endpoint_auth_method: 'none' }),
    },
  ],
  acrValues: ['aal1', 'aal2'],
  claims: {
    openid: ['sub', 'acr', 'amr', 'auth_time'],
    profile: ['name'],
    email: ['email', 'email_verified'],
    phone: ['phone_number', 'phone_number_verified'],
  },
  conformIdTokenClaims: false,
  cookies: { keys: ['only for tests'] },
  features: {
    devInteractions: { enabled: false },
    pushedAuthorizationRequests: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: () => ({ scope: api.scope, accessTokenFormat: 'jwt' }),
    },
  },
  findAccount: (_ctx, accountId) => ({
    accountId,
    claims: () => ({
      sub: accountId,
      name: '<b>Anna</b> Muster',
      email: 'anna@example.com',
      email_verified: true,
      phone_number: '+12015550123',
      phone_number_verified: true,
    }),
  }),
  issueRefreshToken: () => true,
  interactions: { policy: asksForMore(), url: (_ctx, { uid }) => `/interaction/${uid}` },
  loadExistingGrant: async ({ oidc }) => {
    const grant = new oidc.provider.Grant({
      accountId: oidc.session!.accountId!,
      clientId: oidc.client!.clientId,
    })
    grant.addOIDCScope('openid profile email phone offline_access')
    grant.addResourceScope(api.resource, api.scope)
    await grant.save()
    return grant
  },
})

/**
 * A real OpenID Connect provider, whose sign-in page signs Anna in at once. With `acr_values` it
 * says what was asked for; with `login_hint=nobody` it answers that the person cancelled.
 */
export const provide = (server: Listening, demoUrl: string, secret?: string): void => {
  const provider = new Provider(`${server.url}/oidc`, configuration(demoUrl, secret))
  Object.assign(provider.Client.prototype, { includeSid: () => true })
  const app = new Koa()
  app.keys = ['only for tests']
  app.use(async (ctx, next) => {
    if (!ctx.path.startsWith('/interaction/')) return next()
    const { params } = await provider.interactionDetails(ctx.req, ctx.res)
    const login = {
      accountId: 'anna',
      amr: ['otp', 'sms'],
      acr: String(params.acr_values ?? 'aal1'),
    }
    const result = params.login_hint === 'nobody' ? { error: 'access_denied' } : { login }
    ctx.respond = false
    await provider.interactionFinished(ctx.req, ctx.res, result)
  })
  app.use(mount('/oidc', provider as unknown as Koa))
  server.serve(app.callback())
}

/** The inbox alone, under the origin of `server`. */
export const serveInbox = (
  server: Listening,
  messages: InboxMessage[],
  { demoUrl = null }: Partial<Pick<InboxDeps, 'demoUrl'>> = {},
): void => {
  const app = new Koa()
  app.use(async (ctx, next) => {
    try {
      await next()
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      ctx.status = error.status
    }
  })
  app.use(localOnly({ baseUrl: server.url, prefix: '/dev' }))
  app.use(assets.middleware)
  app.use(
    inboxRoutes({
      inbox: {
        list: async ({ to } = {}) => messages.filter((each) => to === undefined || each.to === to),
        clear: async () => void messages.splice(0),
      },
      render,
      baseUrl: server.url,
      brand: 'Avouch',
      demoUrl,
      canonicalise: (to) =>
        /^[+\d ()-]+$/.test(to)
          ? to.replace(/[^+\d]/g, '')
          : to.includes('@')
            ? to.toLowerCase()
            : null,
    }),
  )
  server.serve(app.callback())
}

/** A browser without JavaScript: keeps cookies by host, as browsers do, whatever the port. */
export const browser = () => {
  const jar = new Map<string, string>()

  const send = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, {
      redirect: 'manual',
      ...init,
      headers: { cookie, ...init.headers },
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      value ? jar.set(name, value) : jar.delete(name)
    }
    return response
  }

  /** Follows redirects to the page in the end. */
  const visit = async (
    url: string,
    init?: RequestInit,
  ): Promise<{ url: string; status: number; html: string }> => {
    const response = await send(url, init)
    const location = response.headers.get('location')
    if (location) return visit(new URL(location, url).href)
    return { url, status: response.status, html: await response.text() }
  }

  return { jar, send, visit, post: (url: string) => visit(url, { method: 'POST' }) }
}

/** A provider that is not started yet, the demo application, and somebody to look at it. */
export const setUpDemo = async (t: Scope, { secret }: { secret?: string } = {}) => {
  const [provider, demo] = [await listen(), await listen()]
  t.after(async () => {
    await provider.close()
    await demo.close()
  })
  const app = demoApp({
    issuer: `${provider.url}/oidc`,
    clientId: 'demo',
    ...(secret ? { clientSecret: secret } : {}),
    baseUrl: demo.url,
    inboxUrl: `${provider.url}/dev/inbox`,
    api,
    render,
    assets: assets.middleware,
  })
  demo.serve(app.callback())
  const start = () => provide(provider, demo.url, secret)
  return { provider, demo, start, visitor: browser() }
}

/** What a person reads on a page. */
export const textOf = (html: string): string =>
  html
    .replace(/<[^>]+>/g, ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ')
