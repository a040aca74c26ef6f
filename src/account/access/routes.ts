import type Router from '@koa/router'
import type { Context } from 'koa'
import type { AccountDeps } from '../deps.ts'
import type { Frame } from '../frame.ts'
import type { MessagePage } from '../pages.ts'
import { readTo } from './relying-party.ts'
import { keepWayBack } from './return-address.ts'

/** Coming here: from signing in, and from applications that want their person back. */
export const accessPages = (router: Router, frame: Frame, deps: AccountDeps): void => {
  router.use(async (koa, next) => {
    const ctx = koa as unknown as Context
    const { return_to: href, client_id: clientId, ...rest } = ctx.query
    if (ctx.method !== 'GET' || href === undefined) return next()
    await keepWayBack(deps, ctx, String(href), String(clientId ?? ''))
    const query = new URLSearchParams(rest as Record<string, string>)
    ctx.status = 303
    ctx.redirect(query.size > 0 ? `${ctx.path}?${query}` : ctx.path)
  })

  router.get('/signed-in', async (koa) => {
    const ctx = koa as unknown as Context
    const { error, state } = ctx.query
    const to = readTo(state)
    if (error === undefined) {
      ctx.status = 303
      ctx.redirect(to)
      return
    }
    const { t } = deps.pages.language(ctx)
    const key = error === 'unmet_authentication_requirements' ? 'not-enough' : 'not-signed-in'
    frame.show<MessagePage>(
      ctx,
      'account/message',
      {
        heading: `account.${key}`,
        values: {},
        text: t(`account.${key}-text`),
        next: { href: to, label: t('account.try-again') },
      },
      null,
      403,
    )
  })
}
