import type Router from '@koa/router'
import type { Translate } from '#src/lib/page.ts'
import { Problem } from '#src/lib/problem.ts'
import type { AccountDeps } from '../deps.ts'
import { confirmPage } from '../form-page.ts'
import type { Frame, Visit } from '../frame.ts'
import type { AccountOperations } from '../operations.ts'
import type { AppsPage } from '../pages.ts'
import { showDay } from '../show-time.ts'
import { connectedApps } from './operations.ts'

/** Applications that act for somebody. */
export const appPages = (
  router: Router,
  frame: Frame,
  { apps }: AccountOperations,
  deps: Pick<AccountDeps, 'db' | 'findClient'>,
): void => {
  const pathOf = (clientId: string) => `/account/apps/${encodeURIComponent(clientId)}/remove`

  /** @throws Problem `not_found` */
  const find = async ({ own, ctx }: Visit) => {
    const all = await connectedApps(deps, deps.db, own.id)
    const found = all.find(({ clientId }) => clientId === ctx.params.id)
    if (!found) throw new Problem('not_found')
    return found
  }

  router.get(
    '/apps',
    frame.page(async ({ own, lang, t, show }) => {
      const all = await connectedApps(deps, deps.db, own.id)
      show<AppsPage>('account/apps', {
        apps: all.map(({ clientId, name, scopes, consentedAt, offline }) => ({
          name,
          scopes: scopes.filter((scope) => scope !== 'openid').map((each) => describe(t, each)),
          since: consentedAt && showDay(consentedAt, lang),
          offline,
          removeHref: pathOf(clientId),
        })),
      })
    }) as never,
  )

  confirmPage(router, frame, '/apps/:id/remove', {
    async ask(visit) {
      const { name } = await find(visit)
      return { words: 'account.disconnect', values: { app: name }, back: '/account/apps' }
    },
    async work({ run, go, ctx }) {
      await run(apps.disconnect, { params: { clientId: ctx.params.id } })
      go('/account/apps', 'disconnected')
    },
  })
}

/** What was allowed, in words; named where nobody has said what it means. */
const describe = (t: Translate, key: string): string => {
  // Consent remembers scopes of other APIs behind their address.
  const scope = key.split(' ').at(-1) ?? key
  try {
    return t(`scopes.${scope}`)
  } catch {
    return scope.replace(/^claim:/, '')
  }
}
