import Router from '@koa/router'
import { isOwnClient } from '#config/client-schema.ts'
import { describeAgent } from '#src/lib/agent.ts'
import { Problem } from '#src/lib/problem.ts'
import type { EventView } from '../api/audit.ts'
import type { PersonView } from '../api/user-view.ts'
import { type ToldEvent, toldEvent } from './event-words.ts'
import type { Fields } from './fields.ts'
import type { Frame, Visit } from './frame.ts'
import { userActs } from './user-acts.ts'
import type { DeleteUserPage, TypedUser, UserPage } from './user-pages.ts'

const base = '/admin/users'
const methods = [
  'email-code',
  'email-link',
  'sms-code',
  'sms-link',
  'password',
  'totp',
  'backup-code',
  'passkey',
]

/** The page of somebody; imported ids may hold anything. */
export const hrefOf = (id: string): string => `${base}/${encodeURIComponent(id)}`

const headingOf = ({ name, identifiers, id }: PersonView): string =>
  name ?? identifiers[0]?.display ?? id

const idOf = ({ ctx }: Visit): string => String(ctx.params.id)
const read = (visit: Visit): Promise<PersonView> =>
  visit.run<PersonView>('users.read', { params: { id: idOf(visit) } })

/** An admin is touched only by who makes admins. */
const isGuarded = (visit: Visit, { admin }: PersonView): boolean =>
  admin !== null && !visit.may('admins:write')

/** Somebody: all that is known of them, and what can be done. Mounted last: `:id` may be any word. */
export const userPages = ({ page, form }: Frame) => {
  const router = new Router({ prefix: base })

  const draw = async (visit: Visit, fields: Fields | null, problem?: Problem): Promise<void> => {
    const user = await read(visit)
    const sent = problem?.code === 'version_changed' ? null : fields?.number('version')
    visit.ctx.state.page = hrefOf(user.id)
    visit.show<UserPage>('admin/user', {
      user,
      href: hrefOf(user.id),
      heading: headingOf(user),
      typed: typedOf(user, fields),
      failed: fields?.text('act') ?? null,
      version: sent ?? user.version,
      guarded: isGuarded(visit, user),
      may: {
        change: visit.may('users:write'),
        support: visit.may('users:support'),
        clients: visit.may('clients:read'),
        admins: visit.may('admins:write'),
      },
      browserOf: describeAgent,
      trusted: user.trustedBrowsers.map((each) => ({
        ...each,
        name: describeAgent(each.agent ?? ''),
      })),
      methods,
      isOwnClient,
      activity: visit.may('audit:read') ? await activityOf(visit, user.id) : null,
    })
  }

  router.get(
    '/:id',
    page((visit) => draw(visit, null)),
  )
  router.post(
    '/:id',
    form(async (visit, fields) => {
      const act = userActs.get(fields.text('act'))
      if (!act) throw new Problem('not_found')
      const href = hrefOf(idOf(visit))
      try {
        await act.run(visit, idOf(visit), fields)
      } catch (error) {
        // What was to be ended has ended meanwhile; the page says what is left.
        if (error instanceof Problem && error.code === 'not_found') return visit.go(href)
        throw error
      }
      visit.go(href, act.done)
    }, draw),
  )

  const drawDelete = async (visit: Visit, fields: Fields | null, problem?: Problem) => {
    const user = await read(visit)
    if (!visit.may('users:write') || isGuarded(visit, user)) {
      throw new Problem('insufficient_scope')
    }
    const sent = problem?.code === 'version_changed' ? null : fields?.number('version')
    visit.show<DeleteUserPage>('admin/user-delete', {
      href: hrefOf(user.id),
      heading: headingOf(user),
      version: sent ?? user.version,
      names: namesOf(user),
      typed: fields?.text('name') ?? '',
    })
  }
  router.get(
    '/:id/delete',
    page((visit) => drawDelete(visit, null)),
  )
  router.post(
    '/:id/delete',
    form(async (visit, fields) => {
      const typed = fields.text('name').trim().toLowerCase()
      const names = namesOf(await read(visit)).map((name) => name.toLowerCase())
      if (!names.includes(typed)) {
        const message = visit.t('admin-users.delete-mismatch')
        throw new Problem('invalid_input', { errors: [{ path: 'name', message }] })
      }
      await visit.run('users.delete', {
        params: { id: idOf(visit) },
        version: fields.number('version'),
      })
      visit.go(base, 'deleted')
    }, drawDelete),
  )
  return router
}

/** What tells that somebody means this person. */
const namesOf = ({ name, identifiers, id }: PersonView): string[] => {
  const own = [name, ...identifiers.map(({ display }) => display)]
  const names = own.filter((each) => each !== null)
  return names.length > 0 ? names : [id]
}

const activityOf = async (visit: Visit, id: string): Promise<readonly ToldEvent[]> => {
  const query = { user: id, limit: 10 }
  const { data } = await visit.run<{ data: readonly EventView[] }>('audit.list', { query })
  return data.map((event) => toldEvent(visit.t, event))
}

const typedOf = ({ name, locale, roles, customData }: PersonView, fields: Fields | null) => {
  const act = fields?.text('act')
  const profile = act === 'profile' ? fields : null
  const added = act === 'add-identifier' ? fields : null
  return {
    name: profile?.text('name') ?? name ?? '',
    locale: profile?.text('locale') ?? locale ?? '',
    roles: profile?.text('roles') ?? roles.join('\n'),
    customData: profile?.text('customData') ?? JSON.stringify(customData, null, 2),
    type: added?.text('type') ?? 'email',
    value: added?.text('value') ?? '',
    verified: added?.has('verified') ?? false,
  } satisfies TypedUser
}
