import { randomUUID } from 'node:crypto'
import Router from '@koa/router'
import { isPrivateUseUri } from '#config/uris.ts'
import { Problem } from '#src/lib/problem.ts'
import type { Fields } from '../fields.ts'
import type { Frame, Visit } from '../frame.ts'
import { aboutClient } from './about.ts'
import { type Framework, findFramework, frameworks } from './frameworks.ts'
import type { ClientView, FrameworksPage, NewClientPage, NewSecretPage } from './pages.ts'
import { quickStart } from './quick-start.ts'
import { faultsInWords } from './settings-form.ts'
import { checkUri } from './uris.ts'

const grants = ['authorization_code', 'refresh_token']
const mostUris = 20

/** Making an application: with what it is made decides the rest. */
export const newClientPages = ({ page, form }: Frame, baseUrl: string) => {
  const router = new Router({ prefix: '/admin/clients' })

  const choose = (visit: Visit): void => {
    if (!visit.may('clients:write')) throw new Problem('insufficient_scope')
    visit.show<FrameworksPage>('admin/client-frameworks', {
      frameworks: frameworks.map(({ id, name, library }) => ({
        name,
        library,
        href: `/admin/clients/new?framework=${id}`,
      })),
    })
  }

  const draw = (visit: Visit, framework: Framework, fields: Fields | null, faults = {}): void => {
    if (!visit.may('clients:write')) throw new Problem('insufficient_scope')
    visit.ctx.state.page = `/admin/clients/new?framework=${framework.id}`
    visit.show<NewClientPage>('admin/client-new', {
      framework: framework.id,
      name: framework.name,
      isPublic: framework.method === 'none',
      typed: {
        // Known beforehand, so that a form that is sent twice makes one application.
        client_id: fields?.text('client_id') ?? randomUUID(),
        client_name: fields?.text('client_name') ?? '',
        redirect_uris: fields?.text('redirect_uris') ?? framework.redirectUri,
        first_party: fields ? fields.has('first_party') : true,
      },
      ...faults,
    })
  }

  const known = (fields: Fields): Framework =>
    findFramework(fields.text('framework')) ?? findFramework('curl')!

  router.get(
    '/new',
    page((visit) => {
      const framework = findFramework(visit.ctx.query.framework)
      return framework ? draw(visit, framework, null) : choose(visit)
    }),
  )
  router.post(
    '/new',
    form(
      async (visit, fields) => {
        const framework = known(fields)
        const uris = fields.lines('redirect_uris')
        const made = await visit.run<ClientView & { client_secret?: string }>('clients.create', {
          body: {
            client_id: fields.text('client_id').trim() || undefined,
            client_name: fields.text('client_name').trim() || undefined,
            redirect_uris: uris,
            first_party: fields.has('first_party'),
            grant_types: grants,
            token_endpoint_auth_method: framework.method,
            application_type: uris.some(isPrivateUseUri) ? 'native' : 'web',
          },
        })
        const { client_secret: secret = null, ...client } = made
        visit.show<NewSecretPage>('admin/client-secret', {
          ...aboutClient(visit, client, 'quick-start'),
          secret,
          framework: framework.name,
          snippets: quickStart(framework, client, { baseUrl, secret }),
          notice: visit.t('admin.done-created'),
        })
      },
      async (visit, fields, { errors }) =>
        draw(visit, known(fields), fields, { faults: faultsInWords(visit, fields, errors) }),
    ),
  )

  /** For the script of the form; the form itself says the same when it is sent. */
  router.get(
    '/check-uri',
    page((visit) => {
      if (!visit.may('clients:read')) throw new Problem('insufficient_scope')
      const uris = [visit.ctx.query.uri ?? []].flat().slice(0, mostUris)
      visit.ctx.body = { data: uris.map((uri) => checkUri(visit.t, uri.trim())) }
    }),
  )
  return router
}
