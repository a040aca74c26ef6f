import type Router from '@koa/router'
import type { Context } from 'koa'
import { randomToken } from '#src/lib/crypto.ts'
import type { Exchange } from './exchange.ts'
import { explain, type Failure } from './explain.ts'
import { refusePayment } from './payment.ts'
import type { RelyingParty } from './relying-party.ts'
import type { DemoSession, SignedIn } from './sessions.ts'
import type { Visits } from './visits.ts'

export interface ActionDeps {
  party: RelyingParty
  visit: Visits
  refuse(ctx: Context, failure: Failure, exchanges: readonly Exchange[]): void
}

interface Doing {
  signedIn: SignedIn
  session: DemoSession
  /** Requests that the action makes. */
  exchanges: Exchange[]
}

const home = '/'
const shownExchanges = 20

const joined = ({ signedIn, exchanges }: Doing): readonly Exchange[] =>
  [...signedIn.exchanges, ...exchanges].slice(-shownExchanges)

/** Says on the next page what was done. */
const note = (session: DemoSession, notice: string): void => {
  session.notice = notice
}

/** The buttons of the signed-in page: each does one thing, then shows the page again. */
export const actionRoutes = (router: Router, { party, visit, refuse }: ActionDeps): void => {
  /** `work` returns where to go next. */
  const action = (path: string, work: (doing: Doing) => Promise<string>) =>
    router.post(path, async (ctx) => {
      ctx.status = 303
      const session = visit.find(ctx)?.session
      if (!session?.signedIn) return ctx.redirect(home)
      const doing: Doing = { signedIn: session.signedIn, session, exchanges: [] }
      try {
        ctx.redirect(await work(doing))
      } catch (error) {
        refuse(ctx, explain(error), doing.exchanges)
      }
    })

  action('/userinfo', async (doing) => {
    const { signedIn, session, exchanges } = doing
    const userinfo = await party.userinfo(signedIn.tokens, (each) => exchanges.push(each))
    session.signedIn = { ...signedIn, userinfo, exchanges: joined(doing) }
    note(session, 'Asked again: userinfo is as of now.')
    return home
  })

  action('/refresh', async (doing) => {
    const { signedIn, session, exchanges } = doing
    const tokens = await party.refresh(signedIn.tokens, (each) => exchanges.push(each))
    const rotated = tokens.refreshToken !== signedIn.tokens.refreshToken
    session.signedIn = { ...signedIn, tokens, exchanges: joined(doing) }
    note(
      session,
      rotated
        ? 'New tokens, without the person. The refresh token was replaced; the old one works no more.'
        : 'New tokens, without the person. The refresh token stayed the same.',
    )
    return home
  })

  // Step-up as RFC 9470 has it: the API says what it lacks, and its client asks for just that.
  action('/pay', async ({ signedIn, session }) => {
    const refusal = refusePayment(signedIn.tokens.claims, Date.now() / 1000)
    if (!refusal) {
      note(session, 'Paid: the sign-in has two factors, and is young enough.')
      return home
    }
    note(
      session,
      `The payment was answered with 401 and WWW-Authenticate: ${refusal.challenge}. This sign-in has asked for that. Pay again.`,
    )
    return `/sign-in?${new URLSearchParams(refusal.parameters)}`
  })

  action('/sign-out', async ({ signedIn, session }) => {
    const url = await party.signOutUrl(signedIn.tokens, randomToken(16))
    session.signedIn = null
    return url.href
  })

  action('/forget', async ({ session }) => {
    session.signedIn = null
    note(
      session,
      'Signed out here only: at the provider the session goes on, as Sign in will show.',
    )
    return home
  })

  router.get('/signed-out', (ctx) => {
    note(visit.findOrOpen(ctx).session, 'Signed out, here and at the provider.')
    ctx.status = 303
    ctx.redirect(home)
  })
}
