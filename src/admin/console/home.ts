import Router from '@koa/router'
import { isOwnClient } from '#config/client-schema.ts'
import type { Channel } from '#connectors/contract.ts'
import type { SettingsView } from '#src/settings/index.ts'
import type { EventView } from '../api/audit.ts'
import type { Scope } from '../contract.ts'
import { type SetupFacts, type SetupRow, setup } from '../setup/policy.ts'
import type { Frame, Visit } from './frame.ts'
import type { ConsolePage } from './pages.ts'

/** `admin/home`: what is left to do; empty for those who can not do it. */
export interface HomePage extends ConsolePage {
  rows: readonly SetupRow[]
  left: number
}

interface ListOf<T> {
  data: readonly T[]
}

interface Instance {
  id: string
  connector: string
  channels: readonly Channel[]
  countries: readonly string[] | null
  enabled: boolean
  templates: 'own' | 'some' | 'default'
  health: { lastTest: { accepted: boolean } | null }
}

interface AdminView {
  role: string
  blocked: boolean
  secondFactor: boolean
}

const needed: readonly Scope[] = [
  'connectors:read',
  'settings:read',
  'clients:read',
  'audit:read',
  'admins:read',
  'keys:read',
]

/** The demo app, this console and what it tries are nobody's application. */
const isOwn = (clientId: string | null): boolean =>
  clientId === null || clientId === 'demo' || isOwnClient(clientId)

const dayMs = 86_400_000

const gather = async ({ run }: Visit, production: boolean): Promise<SetupFacts> => {
  const [{ settings }, instances, clients, events, admins, keys] = await Promise.all([
    run<SettingsView>('settings.read'),
    run<ListOf<Instance>>('connectors.list'),
    run<ListOf<{ client_id: string }>>('clients.list', { query: { limit: 25 } }),
    run<ListOf<EventView>>('audit.list', { query: { event: 'sign_in.completed', limit: 100 } }),
    run<ListOf<AdminView>>('admins.list', { query: { limit: 100 } }),
    run<ListOf<{ state: string; signsFrom: string }>>('keys.list'),
  ])
  const signing = keys.data.filter(({ state }) => state === 'signing')
  const oldest = Math.min(...signing.map(({ signsFrom }) => Date.parse(signsFrom)))
  return {
    production,
    settings,
    connectors: instances.data
      .filter(({ enabled, connector }) => enabled && connector !== 'inbox')
      .map(({ id, channels, countries, templates, health }) => ({
        id,
        channels,
        countries,
        templates,
        tested: health.lastTest?.accepted === true,
      })),
    clients: clients.data.filter(({ client_id }) => !isOwn(client_id)).length,
    signedIn: events.data.some(({ client }) => !isOwn(client)),
    owners: admins.data.filter(({ role }) => role === 'owner').length,
    withoutFactor: admins.data.filter((one) => !one.blocked && !one.secondFactor).length,
    keyAgeDays: (Date.now() - oldest) / dayMs,
  }
}

/** Where an admin begins: what is left to do before people come, each with the page where it is done. */
export const homePages = ({ page }: Frame, production: boolean) => {
  const router = new Router({ prefix: '/admin' })
  router.get(
    '/',
    page(async (visit) => {
      const rows = needed.every(visit.may) ? setup(await gather(visit, production)) : []
      visit.show<HomePage>('admin/home', {
        rows,
        left: rows.filter(({ state }) => state === 'todo').length,
      })
    }),
  )
  return router
}
