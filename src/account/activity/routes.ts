import type Router from '@koa/router'
import type { LoggedEvent } from '#src/audit/index.ts'
import { personEventRepository } from '#src/audit/index.ts'
import { Problem } from '#src/lib/problem.ts'
import type { AccountDeps } from '../deps.ts'
import { confirmPage } from '../form-page.ts'
import type { Frame, Visit } from '../frame.ts'
import { methodWords } from '../method-words.ts'
import type { AccountOperations } from '../operations.ts'
import type { ActivityPage, SecurePage } from '../pages.ts'
import { showTime } from '../show-time.ts'
import { canBeDisputed, isOpenReset, shownDays, shownEvents } from './events.ts'

const perPage = 20

/** What has happened to an account, and what to do where it was not its person. */
export const activityPages = (
  router: Router,
  frame: Frame,
  { activity }: AccountOperations,
  deps: Pick<AccountDeps, 'db' | 'findClient'>,
): void => {
  router.get(
    '/activity',
    frame.page(async (visit) => {
      const { own, ctx, show } = visit
      const { before } = ctx.query
      const found = await personEventRepository(deps.db).list(own.id, {
        events: shownEvents,
        days: shownDays,
        before: typeof before === 'string' && /^\d{1,18}$/.test(before) ? before : null,
        limit: perPage + 1,
      })
      const events = found.slice(0, perPage)
      const more = found.length > perPage
      show<ActivityPage>('account/activity', {
        events: await Promise.all(events.map((each) => shown(deps, visit, each))),
        nextHref: more ? `/account/activity?before=${events.at(-1)!.id}` : null,
      })
    }) as never,
  )

  confirmPage(router, frame, '/activity/:id/not-me', {
    async ask({ ctx, own, t, lang }) {
      const id = String(ctx.params.id)
      const found = /^\d{1,18}$/.test(id)
        ? await personEventRepository(deps.db).find(own.id, id)
        : null
      if (!found || !canBeDisputed(found.event)) throw new Problem('not_found')
      return {
        words: isOpenReset(found.event) ? 'account.stop-reset' : 'account.not-me',
        values: { event: wordsOf(t, found), time: showTime(found.at, lang) },
        back: '/account/activity',
      }
    },
    async work({ run, go, ctx }) {
      await run(activity.dispute, { body: { event: ctx.params.id } })
      go('/account/secure', 'others-ended')
    },
  })

  router.get(
    '/secure',
    frame.page(({ own, show }) =>
      show<SecurePage>('account/secure', {
        steps: [
          ...(own.ways.password ? [{ topic: 'password', href: '/account/password' }] : []),
          { topic: 'two-step', href: '/account/two-step' },
          ...(own.ways.passkeys > 0 ? [{ topic: 'passkeys', href: '/account/passkeys' }] : []),
          { topic: 'methods', href: '/account/methods' },
          { topic: 'apps', href: '/account/apps' },
        ],
      }),
    ) as never,
  )
}

const wordsOf = (t: Visit['t'], { event }: LoggedEvent): string =>
  shownEvents.some((one) => one === event) ? t(`account-activity.${event}`) : event

/** Which address, number, username or passkey it was about. */
const subjectIn = ({ event, detail }: LoggedEvent): string | null => {
  if (!detail || !/^(user\.identifier_|identifier\.|factor\.)/.test(event)) return null
  const { masked, name } = JSON.parse(detail) as { masked?: unknown; name?: unknown }
  const subject = masked ?? name
  return typeof subject === 'string' ? subject : null
}

/** Where it was done, and how. */
const shown = async (
  { findClient }: Pick<AccountDeps, 'findClient'>,
  { t, lang }: Visit,
  logged: LoggedEvent,
) => {
  const { id, at, event, method, clientId, address } = logged
  const app = clientId ? ((await findClient(clientId))?.client_name ?? clientId) : null
  const ways = (method ?? '').split(' ').filter(Boolean)
  return {
    at: showTime(at, lang),
    words: wordsOf(t, logged),
    detail: [subjectIn(logged), ways.map((way) => methodWords(t, way)).join(', '), app, address]
      .filter(Boolean)
      .join(' · '),
    disputeHref: canBeDisputed(event) ? `/account/activity/${id}/not-me` : null,
  }
}
