import type Router from '@koa/router'
import type { Context } from 'koa'
import { Problem } from '#src/lib/problem.ts'
import type { AccountDeps } from '../deps.ts'
import { confirmPage } from '../form-page.ts'
import type { Frame } from '../frame.ts'
import type { AccountOperations } from '../operations.ts'
import type { MessagePage } from '../pages.ts'

/** Leaving, and the page that is left when nobody is signed in any more. */
export const deletionPages = (
  router: Router,
  frame: Frame,
  { deletion }: AccountOperations,
  { settings, pages, readSession }: Pick<AccountDeps, 'settings' | 'pages' | 'readSession'>,
): void => {
  const days = () => settings().account.graceDays

  confirmPage(router, frame, '/delete', {
    ask() {
      if (settings().account.deletion === 'off') throw new Problem('not_found')
      return { words: 'account.delete', values: { days: days() }, back: '/account/data' }
    },
    async work({ run, go }) {
      await run(deletion.request)
      go('/account/deleted')
    },
  })

  router.get('/deleted', async (koa) => {
    const ctx = koa as unknown as Context
    // Whoever is signed in has an account, whatever a link to this page makes them believe.
    if (await readSession(ctx)) {
      ctx.status = 303
      ctx.redirect('/account')
      return
    }
    const { t } = pages.language(ctx)
    frame.show<MessagePage>(ctx, 'account/message', {
      heading: 'account.deleted',
      values: {},
      text: t('account.deleted-text', { days: days() }),
      next: null,
    })
  })
}
