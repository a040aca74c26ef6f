import type Router from '@koa/router'
import { describeAgent } from '#src/lib/agent.ts'
import { Problem } from '#src/lib/problem.ts'
import type { AccountDeps } from '../deps.ts'
import { confirmPage } from '../form-page.ts'
import type { Frame } from '../frame.ts'
import type { AccountOperations } from '../operations.ts'
import type { TrustedBrowsersPage } from '../pages.ts'
import { showDay } from '../show-time.ts'

/** Browsers in which nobody is asked for a second factor. */
export const trustedBrowserPages = (
  router: Router,
  frame: Frame,
  { trustedBrowsers: operations }: AccountOperations,
  { trustedBrowsers }: Pick<AccountDeps, 'trustedBrowsers'>,
): void => {
  router.get(
    '/trusted-browsers',
    frame.page(async ({ own, lang, show }) => {
      const all = await trustedBrowsers.list(own.id)
      show<TrustedBrowsersPage>('account/trusted-browsers', {
        browsers: all.map(({ id, agent, since, until, lastUsedAt }) => ({
          browser: agent === null ? null : describeAgent(agent),
          since: showDay(since, lang),
          until: showDay(until, lang),
          lastUsedAt: lastUsedAt && showDay(lastUsedAt, lang),
          removeHref: `/account/trusted-browsers/${id}/remove`,
        })),
      })
    }) as never,
  )

  confirmPage(router, frame, '/trusted-browsers/:id/remove', {
    async ask({ own, ctx }) {
      const all = await trustedBrowsers.list(own.id)
      if (!all.some(({ id }) => id === ctx.params.id)) throw new Problem('not_found')
      return { words: 'account.distrust', back: '/account/trusted-browsers' }
    },
    async work({ run, go, ctx }) {
      await run(operations.revoke, { params: { id: ctx.params.id } })
      go('/account/trusted-browsers', 'distrusted')
    },
  })
}
