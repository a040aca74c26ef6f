import Router from '@koa/router'
import type { Context } from 'koa'
import type { DemoPage, draw, RefusedPage, SignedInPage, StartPage } from '../pages.ts'
import { actionRoutes } from './actions.ts'
import type { Exchange } from './exchange.ts'
import { explain, type Failure, strayError, unknownIssuer, unknownState } from './explain.ts'
import { presentExchanges, presentSignedIn } from './present.ts'
import type { RelyingParty, Tokens } from './relying-party.ts'
import { addPending, type DemoSession, type DemoSessions } from './sessions.ts'
import { type DemoApi, defaultScope, requestFields, variants } from './variants.ts'
import { visits } from './visits.ts'

export interface DemoRouteDeps {
  party: RelyingParty
  sessions: DemoSessions
  page: ReturnType<typeof draw>
  issuer: string
  clientId: string
  baseUrl: string
  api: DemoApi | null
}

const passedOn = requestFields.map(({ name }) => name)

const parametersOf = (asked: URLSearchParams): { [name: string]: string } => ({
  scope: defaultScope,
  ...Object.fromEntries([...asked].filter(([name, value]) => value && passedOn.includes(name))),
})

const takeNotice = (session: DemoSession | undefined): string | null => {
  const notice = session?.notice ?? null
  if (session) session.notice = null
  return notice
}

/** An answer that belongs to no sign-in; an error in it is still worth explaining. */
const stray = (answer: URLSearchParams): Failure => {
  const code = answer.get('error')
  return code ? strayError(code, answer.get('error_description')) : unknownState()
}

/** Routes of the demo application; see {@link demoApp}. */
export const demoRoutes = (deps: DemoRouteDeps): Router => {
  const { party, sessions, page, issuer, clientId, baseUrl, api } = deps
  const router = new Router()
  const visit = visits(sessions, baseUrl)
  const common = {
    issuer,
    clientId,
    accountHref: `${new URL('/account', issuer)}?${new URLSearchParams({
      return_to: `${baseUrl}/`,
      client_id: clientId,
    })}`,
    variants: variants(api),
    fields: requestFields,
  } satisfies Partial<DemoPage>

  const refuse = (ctx: Context, failure: Failure, exchanges: readonly Exchange[]): void => {
    ctx.status = failure.status
    ctx.type = 'html'
    ctx.body = page<RefusedPage>('demo-refused', {
      ...common,
      title: 'That did not work',
      failure,
      exchanges: presentExchanges(exchanges),
      signedIn: visit.find(ctx)?.session.signedIn != null,
    })
  }

  /** Userinfo as this access token opens it; a refusal is among the exchanges. */
  const userinfoFor = async (tokens: Tokens, exchanges: Exchange[]) => {
    try {
      return await party.userinfo(tokens, (exchange) => exchanges.push(exchange))
    } catch (error) {
      explain(error)
      return null
    }
  }

  router.get('/', (ctx) => {
    const session = visit.find(ctx)?.session
    const notice = takeNotice(session)
    ctx.type = 'html'
    ctx.body = session?.signedIn
      ? page<SignedInPage>('demo-signed-in', {
          ...common,
          title: 'Signed in',
          notice,
          ...presentSignedIn(session.signedIn),
        })
      : page<StartPage>('demo-start', { ...common, title: 'Demo app', notice })
  })

  // Can be linked to from anywhere (OpenID Connect Core 1.0, section 4), hence GET and `iss`.
  router.get('/sign-in', async (ctx) => {
    const asked = new URLSearchParams(ctx.search)
    const from = asked.get('iss')
    if (from !== null && from !== issuer) return refuse(ctx, unknownIssuer(from), [])
    const exchanges: Exchange[] = []
    try {
      const pushed = asked.has('pushed')
      const { url, pending } = await party.begin(parametersOf(asked), { pushed, exchanges })
      addPending(visit.findOrOpen(ctx).session, pending)
      ctx.status = 303
      ctx.redirect(url.href)
    } catch (error) {
      refuse(ctx, explain(error), exchanges)
    }
  })

  router.get('/callback', async (ctx) => {
    const answer = new URL(`${baseUrl}/callback${ctx.search}`)
    const known = visit.find(ctx)
    const pending = known?.session.pending.get(answer.searchParams.get('state') ?? '')
    if (!known || !pending) return refuse(ctx, stray(answer.searchParams), [])
    const { session } = known
    const { exchanges } = pending
    session.pending.delete(pending.state)
    try {
      const tokens = await party.finish(pending, answer)
      const resource = pending.resource ?? null
      const userinfo = resource ? null : await userinfoFor(tokens, exchanges)
      session.signedIn = { tokens, userinfo, resource, exchanges }
      visit.renew(ctx, known)
      ctx.status = 303
      ctx.redirect('/')
    } catch (error) {
      refuse(ctx, explain(error), exchanges)
    }
  })

  actionRoutes(router, { party, visit, refuse })
  return router
}
