import Router from '@koa/router'
import type { Context } from 'koa'
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
  baseUrl: string
}

/** Asked for where something can not be undone; a little less than what is checked then. */
const freshSeconds = 4 * 60
/** As long as the console waits for somebody: being signed in to applications keeps nobody in it. */
const usualSeconds = 30 * 60

/** Signing in to the console and out of it, like any application of this server. */
export const signInRoutes = (deps: SignInDeps) => {
  const { frame, sessions, relyingParty, owner, findRole, baseUrl } = deps
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
    const { url, begun } = await relyingParty.begin(readTo(to), {
      prompt: other === '1' ? 'select_account' : null,
      maxAgeSeconds: fresh === '1' ? freshSeconds : usualSeconds,
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
    const claim = sessions.claim(ctx)
    if (claim) {
      sessions.dropClaim(ctx)
      await owner.claim(claim, signedIn.userId, ctx.state.address)
    }
    if (!(await findRole(signedIn.userId))) return say(ctx, 'not-admin', 403)
    await sessions.begin(ctx, signedIn)
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
