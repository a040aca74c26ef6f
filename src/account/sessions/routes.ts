import type Router from '@koa/router'
import { isOwnClient } from '#config/client-schema.ts'
import { Problem } from '#src/lib/problem.ts'
import { type PersonSession, personAccess } from '#src/oidc/index.ts'
import type { AccountDeps } from '../deps.ts'
import { confirmPage } from '../form-page.ts'
import type { Frame, Visit } from '../frame.ts'
import { methodWords } from '../method-words.ts'
import type { AccountOperations } from '../operations.ts'
import type { SessionsPage } from '../pages.ts'
import { showTime } from '../show-time.ts'
import { placeOf } from './present.ts'

/** Where one is signed in. */
export const sessionPages = (
  router: Router,
  frame: Frame,
  { sessions }: AccountOperations,
  { db, findClient }: Pick<AccountDeps, 'db' | 'findClient'>,
): void => {
  const appsOf = async ({ clients }: PersonSession): Promise<string[]> =>
    Promise.all(
      clients
        .filter((id) => !isOwnClient(id))
        .map(async (id) => (await findClient(id))?.client_name ?? id),
    )

  /** @throws Problem `not_found` */
  const find = async ({ own, ctx, lang }: Visit) => {
    const all = await personAccess(db).sessions(own.id)
    const found = all.find(({ id }) => id === ctx.params.id)
    if (!found) throw new Problem('not_found')
    return found.signedInAt ? showTime(found.signedInAt, lang) : ''
  }

  router.get(
    '/sessions',
    frame.page(async ({ own, session, lang, t, show }) => {
      const all = await personAccess(db).sessions(own.id)
      const shown = all
        .map((each) => ({ ...each, current: each.id === session.uid }))
        .sort((a, b) => Number(b.current) - Number(a.current))
      show<SessionsPage>('account/sessions', {
        sessions: await Promise.all(
          shown.map(async (each) => ({
            current: each.current,
            ...placeOf(each),
            signedInAt: each.signedInAt && showTime(each.signedInAt, lang),
            methods: each.methods.map(({ method }) => methodWords(t, method)),
            apps: await appsOf(each),
            endHref: each.current ? '/oidc/session/end' : `/account/sessions/${each.id}/end`,
          })),
        ),
        endOthersHref: all.length > 1 ? '/account/sessions/end-others' : null,
        trustedHref: '/account/trusted-browsers',
      })
    }) as never,
  )

  confirmPage(router, frame, '/sessions/end-others', {
    ask: () => ({ words: 'account.end-others', back: '/account/sessions' }),
    async work({ run, go }) {
      await run(sessions.endOthers)
      go('/account/sessions', 'others-ended')
    },
  })

  confirmPage(router, frame, '/sessions/:id/end', {
    ask: async (visit) => ({
      words: 'account.end-session',
      values: { time: await find(visit) },
      back: '/account/sessions',
    }),
    async work({ run, go, ctx }) {
      await run(sessions.end, { params: { id: ctx.params.id } })
      go('/account/sessions', 'session-ended')
    },
  })
}
