import Router from '@koa/router'
import { Problem } from '#src/lib/problem.ts'
import type { Fields } from '../fields.ts'
import type { Frame, Visit } from '../frame.ts'
import { aboutClient, clientHref, readClientOf } from './about.ts'
import { frameworksFor } from './frameworks.ts'
import type { ClientSecretsPage, NewSecretPage } from './pages.ts'
import { quickStart } from './quick-start.ts'

/** How long the others open once a secret was replaced. */
const overlapMs = 24 * 60 * 60 * 1000

/** The secrets of an application: what they are is shown once, on the page that answers the form. */
export const clientSecretPages = ({ page, form }: Frame, baseUrl: string) => {
  const router = new Router({ prefix: '/admin/clients/:client_id/secrets' })

  const draw = async (visit: Visit, fields: Fields | null): Promise<void> => {
    const client = await readClientOf(visit)
    const now = new Date().toISOString()
    visit.show<ClientSecretsPage>('admin/client-secrets', {
      ...aboutClient(visit, client, 'secrets'),
      secrets: client.secrets.map((secret) => ({
        ...secret,
        ended: secret.expires_at !== null && secret.expires_at <= now,
      })),
      typed: {
        label: fields?.text('label') ?? '',
        expires: fields?.text('expires_at') ?? '',
        replace: fields?.has('replace') ?? false,
      },
    })
  }

  router.get(
    '/',
    page((visit) => draw(visit, null)),
  )
  router.post(
    '/',
    form(async (visit, fields) => {
      const before = await readClientOf(visit)
      const { client_secret: secret } = await visit.run<{ client_secret: string }>(
        'clients.addSecret',
        {
          params: { client_id: before.client_id },
          body: {
            label: fields.text('label').trim() || null,
            expires_at: readDay(visit, fields.text('expires_at').trim()),
            others_expire_at: fields.has('replace')
              ? new Date(Date.now() + overlapMs).toISOString()
              : null,
          },
          version: fields.number('version'),
        },
      )
      const client = await readClientOf(visit)
      const framework = frameworksFor(client.token_endpoint_auth_method)[0]!
      visit.show<NewSecretPage>('admin/client-secret', {
        ...aboutClient(visit, client, 'secrets'),
        secret,
        framework: framework.name,
        snippets: quickStart(framework, client, { baseUrl, secret }).slice(-1),
        notice: visit.t('admin.done-created'),
      })
    }, draw),
  )
  router.post(
    '/remove',
    form(async (visit, fields) => {
      const { client_id } = await readClientOf(visit)
      await visit.run('clients.removeSecret', {
        params: { client_id, secret_id: fields.text('secret_id') },
        version: fields.number('version'),
      })
      visit.go(`${clientHref(client_id)}/secrets`, 'deleted')
    }, draw),
  )
  return router
}

/** The end of a day (UTC) as a field for dates sends it; whatever else is refused with words. */
const readDay = (visit: Visit, text: string): string | null => {
  if (text === '') return null
  const end = new Date(`${text}T23:59:59.999Z`)
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(end.getTime())) return end.toISOString()
  const message = visit.t('admin-clients.day-fault')
  throw new Problem('invalid_input', { errors: [{ path: 'expires_at', message }] })
}
