import Router from '@koa/router'
import type { Problem } from '#src/lib/problem.ts'
import type { EventView } from '../../api/audit.ts'
import type { LogoutView } from '../../api/client-logouts.ts'
import { knownEvents, type ToldEvent, toldEvent } from '../event-words.ts'
import type { Fields } from '../fields.ts'
import type { Frame, Visit } from '../frame.ts'
import { aboutClient, clientHref, readClientOf } from './about.ts'
import { findFramework, frameworksFor } from './frameworks.ts'
import type {
  ClientEventsPage,
  ClientSettingsPage,
  ClientsPage,
  ClientView,
  DeleteClientPage,
  NewSecretPage,
  QuickStartPage,
} from './pages.ts'
import { missingUri, quickStart } from './quick-start.ts'
import { drawSettings, faultsInWords, readSettings } from './settings-form.ts'

interface ListOf<T> {
  data: readonly T[]
  next: string | null
}

const given = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** The list of applications, and the pages about one of them. */
export const clientPages = ({ page, form }: Frame, baseUrl: string) => {
  const router = new Router({ prefix: '/admin/clients' })

  router.get(
    '/',
    page(async (visit) => {
      const search = given(visit.ctx.query.search)
      const query = { search, cursor: given(visit.ctx.query.cursor) }
      const { data, next } = await visit.run<ListOf<ClientView>>('clients.list', { query })
      const more = new URLSearchParams({ ...(search ? { search } : {}), cursor: next ?? '' })
      visit.show<ClientsPage>('admin/clients', {
        search: search ?? '',
        clients: data.map((client) => ({ client, href: clientHref(client.client_id) })),
        nextHref: next && `/admin/clients?${more}`,
        mayAdd: visit.may('clients:write'),
      })
    }),
  )

  const draw = async (visit: Visit, fields: Fields | null, problem: Problem | null = null) => {
    const client = await readClientOf(visit)
    const stale = problem?.code !== 'version_changed' && fields?.number('version')
    visit.show<ClientSettingsPage>('admin/client', {
      ...aboutClient(visit, client, 'settings'),
      // What somebody else has saved meanwhile is overwritten only by whoever was told.
      version: stale || client.version,
      ...(await drawSettings(visit, client, fields)),
      ...(fields && problem ? { faults: faultsInWords(visit, fields, problem.errors) } : {}),
    })
  }

  router.get(
    '/:client_id',
    page((visit) => draw(visit, null)),
  )
  router.post(
    '/:client_id',
    form(async (visit, fields) => {
      const before = await readClientOf(visit)
      const changed = await visit.run<ClientView & { client_secret?: string }>('clients.update', {
        params: { client_id: before.client_id },
        body: readSettings(visit, before, fields),
        version: fields.number('version'),
      })
      const { client_secret: secret, ...client } = changed
      if (!secret) return visit.go(clientHref(client.client_id), 'saved')
      const framework = frameworksFor(client.token_endpoint_auth_method)[0]!
      visit.show<NewSecretPage>('admin/client-secret', {
        ...aboutClient(visit, client, 'secrets'),
        secret,
        framework: framework.name,
        snippets: [],
        notice: visit.t('admin.done-saved'),
      })
    }, draw),
  )

  router.get(
    '/:client_id/quick-start',
    page(async (visit) => {
      const client = await readClientOf(visit)
      const about = aboutClient(visit, client, 'quick-start')
      const suitable = frameworksFor(client.token_endpoint_auth_method)
      const asked = findFramework(visit.ctx.query.framework)
      const fits = suitable.find((each) => missingUri(each, client) === null)!
      const framework = asked && suitable.includes(asked) ? asked : fits
      visit.show<QuickStartPage>('admin/client-quick-start', {
        ...about,
        frameworks: suitable.map(({ id, name }) => ({
          id,
          name,
          href: `${about.base}/quick-start?framework=${id}`,
          current: id === framework.id,
        })),
        library: framework.library,
        snippets: quickStart(framework, client, { baseUrl }),
        facts: [
          { name: 'issuer', text: `${baseUrl}/oidc` },
          { name: 'client_id', text: client.client_id },
          ...client.redirect_uris.map((uri) => ({ name: 'redirect_uri', text: uri })),
        ],
        neededUri: missingUri(framework, client),
      })
    }),
  )

  router.get(
    '/:client_id/events',
    page(async (visit) => {
      const client = await readClientOf(visit)
      const params = { client_id: client.client_id }
      const logouts = await visit.run<ListOf<LogoutView>>('clients.logoutFailures', { params })
      visit.show<ClientEventsPage>('admin/client-events', {
        ...aboutClient(visit, client, 'events'),
        events: await failuresOf(visit, client.client_id),
        logouts: logouts.data,
      })
    }),
  )

  const drawDelete = async (visit: Visit): Promise<void> => {
    const client = await readClientOf(visit)
    const own = aboutClient(visit, client, 'delete')
    visit.show<DeleteClientPage>('admin/client-delete', own)
  }
  router.get('/:client_id/delete', page(drawDelete))
  router.post(
    '/:client_id/delete',
    form(async (visit, fields) => {
      const { client_id } = await readClientOf(visit)
      await visit.run('clients.delete', {
        params: { client_id },
        version: fields.number('version'),
      })
      visit.go('/admin/clients', 'deleted')
    }, drawDelete),
  )
  return router
}

/** What did not go as somebody wanted; changes by admins and sign-ins that went well are none. */
const failures = knownEvents.filter((event) =>
  /\.(failed|refused|unknown|dropped|undelivered)$/.test(event),
)
const mostFailures = 25

/** The newest, however much went well since. */
const failuresOf = async (visit: Visit, client: string): Promise<ToldEvent[]> => {
  const lists = await Promise.all(
    failures.map((event) =>
      visit.run<ListOf<EventView>>('audit.list', { query: { event, client, limit: mostFailures } }),
    ),
  )
  return lists
    .flatMap(({ data }) => data)
    .sort((one, other) => Number(BigInt(other.id) - BigInt(one.id)))
    .slice(0, mostFailures)
    .map((event) => toldEvent(visit.t, event))
}
