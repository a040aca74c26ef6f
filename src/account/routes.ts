import { bodyParser } from '@koa/bodyparser'
import Router from '@koa/router'
import type { Context, Middleware, Next } from 'koa'
import { accessPages } from './access/routes.ts'
import { activityPages } from './activity/routes.ts'
import { appPages } from './apps/routes.ts'
import type { Run } from './contract.ts'
import { dataPages } from './data/routes.ts'
import { deletionPages } from './deletion/routes.ts'
import type { AccountDeps } from './deps.ts'
import { frame } from './frame.ts'
import { identifierPages } from './identifiers/routes.ts'
import type { AccountOperations } from './operations.ts'
import { overviewPages } from './overview/routes.ts'
import { passkeyPages } from './passkeys/routes.ts'
import { passwordPages } from './password/routes.ts'
import { profilePages } from './profile/routes.ts'
import { sessionPages } from './sessions/routes.ts'
import { trustedBrowserPages } from './trusted-browsers/routes.ts'
import { twoStepPages } from './two-step/routes.ts'

/** The pages below `/account`, and the addresses by which password managers find them. */
export const accountRoutes = (
  deps: AccountDeps,
  operations: AccountOperations,
  run: Run,
): Middleware[] => {
  const shown = frame(deps, run)
  const router = new Router({ prefix: '/account' })
  router.use(ownPolicy as never, bodyParser({ enableTypes: ['form'], formLimit: '64kb' }))
  accessPages(router, shown, deps)
  overviewPages(router, shown, deps)
  profilePages(router, shown, operations, deps)
  identifierPages(router, shown, operations, deps)
  passwordPages(router, shown, operations, deps)
  twoStepPages(router, shown, operations, deps)
  passkeyPages(router, shown, operations, deps)
  sessionPages(router, shown, operations, deps)
  trustedBrowserPages(router, shown, operations, deps)
  appPages(router, shown, operations, deps)
  activityPages(router, shown, operations, deps)
  dataPages(router, shown, operations, deps)
  deletionPages(router, shown, operations, deps)

  const wellKnown = new Router({ prefix: '/.well-known' })
  // A Well-Known URL for Changing Passwords, W3C.
  wellKnown.get('/change-password', async (ctx) => {
    ctx.status = 303
    ctx.redirect('/account/password')
  })
  // A Well-Known URL for Relying Party Passkey Endpoints, W3C.
  wellKnown.get('/passkey-endpoints', async (ctx) => {
    if (!deps.verifications.passkey.isOn()) return
    ctx.body = {
      enroll: `${deps.baseUrl}/account/passkeys/new`,
      manage: `${deps.baseUrl}/account/passkeys`,
    }
  })
  return [
    wayBack as never,
    router.routes(),
    router.allowedMethods(),
    wellKnown.routes(),
    wellKnown.allowedMethods(),
  ] as unknown as Middleware[]
}

/** From a page that is not there, to the first one. */
const wayBack = async (ctx: Context, next: Next): Promise<void> => {
  if (/^\/account(\/|$)/.test(ctx.path)) {
    ctx.state.back = { href: '/account', label: 'account.heading' }
  }
  await next()
}

/** Stricter than for the pages of a sign-in, whose forms lead to applications. */
const ownPolicy = async (ctx: Context, next: Next): Promise<void> => {
  const policy = ctx.response.get('content-security-policy')
  ctx.set('content-security-policy', `${policy}; form-action 'self'`)
  await next()
}
