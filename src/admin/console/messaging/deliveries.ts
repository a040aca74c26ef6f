import Router from '@koa/router'
import { isOwnClient } from '#config/client-schema.ts'
import { Problem } from '#src/lib/problem.ts'
import { state } from '../../api/deliveries.ts'
import { clientHref } from '../clients/about.ts'
import type { Frame, Visit } from '../frame.ts'
import type { Instance } from './connectors-pages.ts'
import type {
  Attempt,
  DeliveriesPage,
  Delivery,
  DeliveryPage,
  Happening,
} from './deliveries-pages.ts'

const base = '/admin/deliveries'
const filters = [
  'channel',
  'state',
  'connectorId',
  'country',
  'since',
  'until',
  'recipient',
  'test',
  'interactionUid',
] as const

/** Messages, and what became of them. */
export const deliveryPages = ({ page }: Frame) => {
  const router = new Router({ prefix: base })

  router.get(
    '/',
    page(async (visit) => {
      const filter = Object.fromEntries(filters.map((name) => [name, asked(visit, name)]))
      const given = Object.entries(filter).filter(([, value]) => value !== '')
      const { data, next } = await list(visit, Object.fromEntries(given))
      visit.show<DeliveriesPage>('admin/deliveries', {
        deliveries: data,
        filter,
        filtered: given.length > 0,
        states: state.options,
        connectors: await connectorsOf(visit),
        nextHref: next && `${base}?${new URLSearchParams([...given, ['cursor', next]])}`,
      })
    }),
  )

  router.get(
    '/:id',
    page(async (visit) => {
      const { id } = visit.ctx.params
      const found = await visit.run<Delivery & { attempts: Attempt[] }>('deliveries.read', {
        params: { id },
      })
      visit.show<DeliveryPage>('admin/delivery', {
        delivery: found,
        happenings: happeningsOf(found),
        pollHref: isSettled(found, Date.now()) ? null : `${base}/${id}`,
        connectors: await connectorsOf(visit),
        clientHref: clientHrefOf(found),
        mayAudit: visit.may('audit:read'),
      })
    }),
  )
  return router
}

const clientHrefOf = ({ clientId }: Delivery): string | null =>
  clientId === null || isOwnClient(clientId) ? null : clientHref(clientId)

const asked = ({ ctx }: Visit, name: string): string => {
  const value = ctx.query[name]
  return typeof value === 'string' ? value.trim() : ''
}

interface Listed {
  data: readonly Delivery[]
  next: string | null
}

/** Where a filter can not be understood, the page says so and lists nothing. */
const list = async (visit: Visit, filter: Record<string, string>): Promise<Listed> => {
  const { since, until, country } = filter
  const query = {
    ...filter,
    ...(country ? { country: country.toUpperCase() } : {}),
    ...(since ? { since: startOf(since) } : {}),
    ...(until ? { until: startOf(until, 1) } : {}),
    ...(asked(visit, 'cursor') ? { cursor: asked(visit, 'cursor') } : {}),
  }
  try {
    return await visit.run<Listed>('deliveries.list', { query })
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 422) throw error
    visit.ctx.state.formProblem = error
    return { data: [], next: null }
  }
}

const dayMs = 86_400_000

/** The beginning of a day in UTC; what is more than a day stays as it is. */
const startOf = (day: string, daysLater = 0): string => {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN
  return Number.isNaN(at) ? day : new Date(at + daysLater * dayMs).toISOString()
}

const connectorsOf = async (visit: Visit): Promise<string[]> => {
  if (!visit.may('connectors:read')) return []
  const { data } = await visit.run<{ data: readonly Pick<Instance, 'id'>[] }>('connectors.list', {
    query: { health: 'false' },
  })
  return data.map(({ id }) => id)
}

const receiptMs = 10 * 60_000

/** Whether nothing more is to be expected: receipts that come at all come soon. */
const isSettled = ({ state, receipt, finishedAt }: Delivery, now: number): boolean => {
  if (state === 'queued' || state === 'sending') return false
  if (state !== 'accepted' || finishedAt === null) return true
  if (receipt && receipt.state !== 'sent') return true
  return now - Date.parse(finishedAt) > receiptMs
}

/** Everything that is known of a message, oldest first. */
export const happeningsOf = (found: Delivery & { attempts: readonly Attempt[] }): Happening[] => {
  const { createdAt, finishedAt, attempts, receipt } = found
  const passedOver = attempts.map(
    ({ at, connectorId, ...said }): Happening => ({
      what: 'passed-over',
      at,
      by: connectorId,
      said,
    }),
  )
  return [
    { what: 'queued', at: createdAt },
    ...passedOver,
    ending(found, finishedAt),
    ...(receipt ? [{ what: 'receipt', ...receipt } as const] : []),
  ]
}

const ending = (found: Delivery, at: string | null): Happening => {
  const { state, connectorId, failure, vendorCode, vendorWords, tookMs } = found
  const by = connectorId ?? ''
  switch (state) {
    case 'accepted':
      return { what: 'accepted', at, by, tookMs }
    case 'failed':
    case 'unknown':
      return { what: state, at, by, said: { failure, vendorCode, vendorWords, tookMs } }
    case 'dropped':
      return { what: 'dropped', at }
    default:
      return { what: state === 'sending' ? 'sending' : 'waiting', at: null }
  }
}
