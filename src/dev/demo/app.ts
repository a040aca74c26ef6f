import Koa, { type Middleware } from 'koa'
import { refuseCrossSite } from '#src/lib/csrf.ts'
import { Problem } from '#src/lib/problem.ts'
import type { Render } from '#src/lib/render.ts'
import { localOnly } from '../local-only.ts'
import { draw } from '../pages.ts'
import { relyingParty } from './relying-party.ts'
import { demoRoutes } from './routes.ts'
import { demoSessions } from './sessions.ts'
import type { DemoApi } from './variants.ts'

export interface DemoDeps {
  issuer: string
  clientId: string
  /** None: a public client. */
  clientSecret?: string
  /** Public origin of this application, `http://localhost:3001`. */
  baseUrl: string
  inboxUrl: string
  /** An API to ask access tokens for, if the provider has one. */
  api?: DemoApi
  render: Render
  /** Serves what the pages load. */
  assets: Middleware
}

/** How the demo application is registered at the provider; names as in OpenID Connect. */
export const demoClient = (baseUrl: string) => ({
  client_name: 'Demo app',
  redirect_uris: [`${baseUrl}/callback`],
  post_logout_redirect_uris: [`${baseUrl}/signed-out`],
  client_uri: `${baseUrl}/`,
  initiate_login_uri: `${baseUrl}/sign-in`,
  grant_types: ['authorization_code', 'refresh_token'],
})

// `form-action` names the provider, because signing out is a form that ends there.
const policy = (issuer: string): string =>
  [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "img-src 'self'",
    `form-action 'self' ${new URL(issuer).origin}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

const headers =
  (issuer: string): Middleware =>
  async (ctx, next) => {
    ctx.set({
      'Cache-Control': 'no-store',
      'Content-Security-Policy': policy(issuer),
      'Cross-Origin-Resource-Policy': 'same-origin',
      'Referrer-Policy': 'same-origin',
      'X-Content-Type-Options': 'nosniff',
      'X-Robots-Tag': 'noindex',
    })
    await next()
  }

const answerProblems: Middleware = async (ctx, next) => {
  try {
    await next()
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    ctx.status = error.status
    ctx.type = 'text'
    ctx.body = error.message
  }
}

/**
 * The demo application: an ordinary relying party on a port of its own, which knows the issuer, its
 * client id and nothing else of the provider. It shows every token and secret that it handles, so
 * it answers on this machine only.
 */
export const demoApp = (deps: DemoDeps): Koa => {
  const { issuer, clientId, clientSecret, baseUrl, inboxUrl, api, render, assets } = deps
  const [redirectUri = ''] = demoClient(baseUrl).redirect_uris
  const [postLogoutRedirectUri = ''] = demoClient(baseUrl).post_logout_redirect_uris
  const router = demoRoutes({
    party: relyingParty({ issuer, clientId, clientSecret, redirectUri, postLogoutRedirectUri }),
    sessions: demoSessions(),
    page: draw(render, { brand: 'Demo app', inbox: inboxUrl }),
    issuer,
    clientId,
    baseUrl,
    api: api ?? null,
  })
  const app = new Koa()
  app.use(localOnly({ baseUrl }))
  app.use(answerProblems)
  app.use(headers(issuer))
  app.use(refuseCrossSite(new URL(baseUrl).origin))
  app.use(assets)
  app.use(router.routes())
  app.use(router.allowedMethods())
  return app
}
