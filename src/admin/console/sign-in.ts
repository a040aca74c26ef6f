import Router from '@koa/router'
import type { Context } from 'koa'
import type { BrowserSession, Oidc } from '#src/oidc/index.ts'
import { twoKindsSince, withoutTexts } from '#src/verification/index.ts'
import type { Ownership } from '../access/owner.ts'
import type { Role } from '../contract.ts'
import type { Frame } from './frame.ts'
import type { MessagePage } from './pages.ts'
import type { ConsoleRelyingParty } from './relying-party.ts'
import type { Sessions } from './session.ts'
import { readTo } from './unsent.ts'

export interface SignInDeps {
  frame: Frame
  sessions: Sessions
  relyingParty: ConsoleRelyingParty
  owner: Ownership
  findRole: (userId: string) => Promise<Role | null>
  readSession: Oidc['readSession']
  baseUrl: string
}

/** Asked for where something can not be undone; a little less than what is checked then. */
const freshSeconds = 4 * 60
/** As long as the console waits for somebody: being signed in to applications keeps nobody in it. */
const usualSeconds = 30 * 60

/** When somebody last proved two factors that are no text messages; null where they never did. */
const provenAt = ({ factors }: BrowserSession): Date | null => {
  const since = twoKindsSince(factors.map(withoutTexts))
  return since === null ? null : new Date(since)
}

const isWithin = (at: Date, seconds: number): boolean => Date.now() - at.getTime() <= seconds * 1000

/** Whatever is added to it, something of it would be too old. */
const isStale = (session: BrowserSession, seconds: number): boolean => {
  const at = provenAt(session)
  if (at) return !isWithin(at, seconds)
  return session.factors.some((factor) => !isWithin(new Date(factor.at), seconds))
}

/** Signing in to the console and out of it, like any application of this server. */
export const signInRoutes = (deps: SignInDeps) => {
  const { frame, sessions, relyingParty, owner, findRole, readSession, baseUrl } = deps
  const router = new Router({ prefix: '/admin' })

  const say = (
    ctx: Context,
    key: 'signed-out' | 'refused' | 'not-admin' | 'expired',
    status: number,
  ): void => {
    const { t } = frame.speak(ctx)
    const again = key === 'not-admin' ? '/admin/sign-in?other=1' : '/admin/sign-in'
    frame.show<MessagePage>(
      ctx,
      'admin/message',
      {
        heading: t(`admin.${key}`),
        text: t(`admin.${key}-text`),
        ways: [
          { href: again, label: t(key === 'not-admin' ? 'admin.other-account' : 'admin.sign-in') },
        ],
      },
      status,
    )
  }

  router.get('/sign-in', async (koa) => {
    const ctx = koa as unknown as Context
    const { to, fresh, hint, other } = ctx.query
    const withinSeconds = fresh === '1' ? freshSeconds : usualSeconds
    const session = await readSession(ctx)
    const { url, begun } = await relyingParty.begin(readTo(to), {
      prompt: other === '1' ? 'select_account' : null,
      withinSeconds,
      anew: session !== null && isStale(session, withinSeconds),
      loginHint: typeof hint === 'string' && hint.length < 256 ? hint : null,
      language: frame.speak(ctx).lang,
    })
    sessions.keepBegun(ctx, begun)
    ctx.status = 303
    ctx.redirect(url)
  })

  router.get('/callback', async (koa) => {
    const ctx = koa as unknown as Context
    const begun = sessions.takeBegun(ctx)
    if (!begun) return say(ctx, 'expired', 400)
    const answer = new URL(ctx.originalUrl, baseUrl)
    const signedIn = await relyingParty.finish(begun, answer)
    if (!signedIn) return say(ctx, 'refused', 403)
    // What the ID token says is as old as the newest factor, and how old the others are it does not say.
    const session = await readSession(ctx)
    const at = session?.userId === signedIn.userId ? provenAt(session) : null
    if (!at || !isWithin(at, usualSeconds)) return say(ctx, 'expired', 400)
    const claim = sessions.claim(ctx)
    if (claim) {
      sessions.dropClaim(ctx)
      await owner.claim(claim, signedIn.userId, ctx.state.address)
    }
    if (!(await findRole(signedIn.userId))) return say(ctx, 'not-admin', 403)
    await sessions.begin(ctx, signedIn, at)
    ctx.status = 303
    ctx.redirect(begun.to)
  })

  // Of the console, and of the session at the provider that it came from.
  router.post('/sign-out', async (koa) => {
    const ctx = koa as unknown as Context
    const idToken = await sessions.end(ctx)
    ctx.status = 303
    ctx.redirect(idToken ? relyingParty.signOutUrl(idToken) : '/admin/signed-out')
  })

  router.get('/signed-out', async (koa) => say(koa as unknown as Context, 'signed-out', 200))

  return router
}
