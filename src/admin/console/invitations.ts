import Router from '@koa/router'
import type { Language } from '#src/lib/i18n.ts'
import { Problem } from '#src/lib/problem.ts'
import type { SettingsView } from '#src/settings/index.ts'
import type { InvitationView } from '../api/invitations.ts'
import type { Fields } from './fields.ts'
import type { Frame, Visit } from './frame.ts'
import type { InvitationsPage, NewInvitationPage } from './user-pages.ts'

const base = '/admin/invitations'

interface ListOf<T> {
  data: readonly T[]
  next: string | null
}

/**
 * Who may register although not everybody may.
 *
 * @param languages that messages are written in
 */
export const invitationPages = ({ page, form }: Frame, languages: readonly Language[]) => {
  const router = new Router({ prefix: base })

  const drawList = async (visit: Visit): Promise<void> => {
    const { cursor } = visit.ctx.query
    const query = typeof cursor === 'string' ? { cursor } : {}
    const { data, next } = await visit.run<ListOf<InvitationView>>('invitations.list', { query })
    const { settings } = visit.may('settings:read')
      ? await visit.run<SettingsView>('settings.read')
      : { settings: null }
    visit.show<InvitationsPage>('admin/invitations', {
      invitations: data,
      nextHref: next && `${base}?${new URLSearchParams({ cursor: next })}`,
      mayChange: visit.may('users:write'),
      needed: settings && settings.signIn.registration !== 'open',
    })
  }

  const drawNew = async (visit: Visit, fields: Fields | null, problem?: Problem): Promise<void> => {
    if (!visit.may('users:write')) throw new Problem('insufficient_scope')
    const clients = await visit.run<ListOf<{ client_id: string; client_name: string | null }>>(
      'clients.list',
      { query: { limit: 100 } },
    )
    visit.show<NewInvitationPage>('admin/invitation-new', {
      clients: clients.next
        ? null
        : clients.data.map(({ client_id, client_name }) => ({
            value: client_id,
            label: client_name ? `${client_name} (${client_id})` : client_id,
          })),
      locales: languages.map(({ code, name }) => ({ value: code, label: name })),
      typed: {
        value: fields?.text('value') ?? '',
        clientId: fields?.text('clientId') ?? '',
        locale: fields?.text('locale') ?? visit.lang,
        send: fields ? fields.has('send') : true,
        expiresInDays: fields?.text('expiresInDays') ?? '14',
      },
      ...(problem?.code === 'too_many_requests' && {
        error: {
          field: null,
          message: visit.t('admin-invitations.too-many', {
            minutes: Number(problem.values.minutes ?? 10),
          }),
        },
      }),
    })
  }

  router.get('/', page(drawList))
  router.get(
    '/new',
    page((visit) => drawNew(visit, null)),
  )
  router.post(
    '/new',
    form(async (visit, fields) => {
      const value = fields.text('value').trim()
      const send = fields.has('send')
      await visit.run('invitations.create', {
        body: {
          type: value.includes('@') ? 'email' : 'phone',
          value,
          clientId: fields.text('clientId').trim() || null,
          locale: fields.text('locale'),
          send,
          expiresInDays: fields.number('expiresInDays') ?? fields.text('expiresInDays'),
        },
      })
      visit.go(base, send ? 'sent' : 'created')
    }, drawNew),
  )
  router.post(
    '/delete',
    form(async (visit, fields) => {
      try {
        await visit.run('invitations.delete', { params: { id: fields.text('id') } })
      } catch (error) {
        // Somebody else was faster.
        if (!(error instanceof Problem && error.code === 'not_found')) throw error
      }
      visit.go(base, 'deleted')
    }, drawList),
  )
  return router
}
