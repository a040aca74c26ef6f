import Router from '@koa/router'
import type { Context } from 'koa'
import { Problem } from '#src/lib/problem.ts'
import type { Ownership } from '../access/owner.ts'
import { readFields } from './fields.ts'
import type { Frame } from './frame.ts'
import type { ClaimPage, MessagePage } from './pages.ts'
import type { Sessions } from './session.ts'

export interface ClaimDeps {
  frame: Frame
  sessions: Sessions
  owner: Ownership
  /** `ADMIN_EMAIL` */
  email: string | null
  minLength: () => number
}

/**
 * The link that a start without an owner prints. Opening it changes nothing; its holder signs in, or
 * makes an account here, and is the owner once a password and a second factor are proven.
 */
export const claimRoutes = ({ frame, sessions, owner, email, minLength }: ClaimDeps) => {
  const router = new Router({ prefix: '/admin/claim/:token' })

  const draw = (ctx: Context, typed: { name: string; email: string }): void =>
    frame.show<ClaimPage>(ctx, 'admin/claim', {
      action: `/admin/claim/${ctx.params.token}`,
      name: typed.name,
      email: email ?? typed.email,
      fixedEmail: email !== null,
      minLength: minLength(),
    })

  router.use(async (ctx, next) => {
    if (await owner.isOpen(String(ctx.params.token))) return next()
    const { t } = frame.speak(ctx as unknown as Context)
    frame.show<MessagePage>(
      ctx as unknown as Context,
      'admin/message',
      {
        heading: t('admin.claim-over'),
        text: t('admin.claim-over-text'),
        ways: [{ href: '/admin', label: t('admin.to-console') }],
      },
      410,
    )
  })

  router.get('/', async (koa) => draw(koa as unknown as Context, { name: '', email: '' }))

  /** They have an account already. */
  router.post('/sign-in', async (koa) => {
    const ctx = koa as unknown as Context
    sessions.keepClaim(ctx, String(ctx.params.token))
    ctx.status = 303
    ctx.redirect('/admin/sign-in')
  })

  router.post('/', async (koa) => {
    const ctx = koa as unknown as Context
    const fields = readFields(ctx)
    const typed = { name: fields.text('name'), email: email ?? fields.text('email') }
    try {
      const given = { ...typed, new_password: fields.text('new_password') }
      await owner.createAccount(given, ctx.state.address)
    } catch (error) {
      if (!(error instanceof Problem) || error.status >= 500) throw error
      ctx.state.formProblem = error
      return draw(ctx, typed)
    }
    sessions.keepClaim(ctx, String(ctx.params.token))
    ctx.status = 303
    ctx.redirect(`/admin/sign-in?${new URLSearchParams({ hint: typed.email })}`)
  })

  return router
}
