import type { DeliveryFailure } from '#connectors/contract.ts'
import type { Db } from '#src/db/contract.ts'
import type { DeliveryState } from '../contract.ts'

/** How an instance did in a time; of people's messages the newest {@link mostCounted}. */
export interface Window {
  /** Messages that it was asked to send. */
  sent: number
  accepted: number
  failed: number
  /** It may have sent them. */
  unknown: number
  /** By class; one that went on to another instance is counted here too. */
  failures: Partial<Record<DeliveryFailure, number>>
  /** What the vendor said later; zero where it says nothing. */
  delivered: number
  undelivered: number
  /** Time to acceptance, of the newest thousand. */
  p50Ms: number | null
  p95Ms: number | null
}

export interface LastError {
  failure: DeliveryFailure
  vendorCode: string | null
  vendorWords: string | null
  at: Date
}

export interface Health {
  hour: Window
  day: Window
  week: Window
  lastError: LastError | null
  lastTest: { at: Date; accepted: boolean; deliveryId: string } | null
}

const windows = ['hour', 'day', 'week'] as const
const newest = 1000

/** Of one instance: how many were sent must not decide how long it takes to say how it fares. */
export const mostCounted = 10_000

interface CountRow {
  connector_id: string
  state: DeliveryState
  failure: DeliveryFailure | null
  receipt_state: string | null
  hour: number
  day: number
  week: number
}

const emptyWindow = (): Window => ({
  sent: 0,
  accepted: 0,
  failed: 0,
  unknown: 0,
  failures: {},
  delivered: 0,
  undelivered: 0,
  p50Ms: null,
  p95Ms: null,
})

export const emptyHealth = (): Health => ({
  hour: emptyWindow(),
  day: emptyWindow(),
  week: emptyWindow(),
  lastError: null,
  lastTest: null,
})

const counted = (at: string) =>
  [1, 24, 168].map((hours, index) => {
    const name = windows[index]!
    return `count(*) filter (where ${at} > now() - interval '${hours} hours')::int as ${name}`
  })

/** People's messages of a week, the newest of them, as an index has them. */
const newestOf = (id: string) =>
  `select state, failure, receipt_state, took_ms, finished_at from deliveries
    where connector_id = ${id} and not test and finished_at > now() - interval '7 days'
    order by finished_at desc limit ${mostCounted}`

/** What can be said of instances from what became of their messages. */
export const healthRepository = (db: Db) => ({
  /** Of each of these instances. */
  async of(ids: readonly string[]): Promise<ReadonlyMap<string, Health>> {
    const found = new Map(ids.map((id) => [id, emptyHealth()]))
    const counts = await db.query<CountRow>(
      'health.counts',
      `select c.id as connector_id, state, failure, receipt_state, ${counted('finished_at')}
         from unnest($1::text[]) c(id) cross join lateral (${newestOf('c.id')}) messages
        group by 1, 2, 3, 4
        union all
       select c.id, 'failed', failure, null, ${counted('at')}
         from unnest($1::text[]) c(id) cross join lateral (
           select failure, at from delivery_attempts
            where connector_id = c.id and at > now() - interval '7 days'
            order by at desc limit ${mostCounted}) attempts
        group by 1, 3`,
      [ids],
    )
    for (const row of counts) {
      const health = found.get(row.connector_id)!
      for (const name of windows) add(health[name], row, row[name])
    }
    const times = await db.query<{
      id: string
      name: (typeof windows)[number]
      p: [number, number] | null
    }>(
      'health.times',
      `select c.id, w.name, (
         select percentile_cont(array[0.5, 0.95]) within group (order by took_ms) from (
           select took_ms from (${newestOf('c.id')}) messages
            where state = 'accepted' and finished_at > now() - w.long
            order by finished_at desc limit ${newest}) newest) as p
         from unnest($1::text[]) c(id),
              (values ('hour', interval '1 hour'), ('day', interval '1 day'),
                      ('week', interval '7 days')) w(name, long)`,
      [ids],
    )
    for (const { id, name, p } of times) {
      const window = found.get(id)![name]
      window.p50Ms = p?.[0] == null ? null : Math.round(p[0])
      window.p95Ms = p?.[1] == null ? null : Math.round(p[1])
    }
    await this.addLast(ids, found)
    return found
  },

  async addLast(ids: readonly string[], found: ReadonlyMap<string, Health>): Promise<void> {
    const rows = await db.query<{
      id: string
      failure: DeliveryFailure | null
      vendor_code: string | null
      vendor_words: string | null
      at: Date | null
      test_id: string | null
      test_state: DeliveryState | null
      tested_at: Date | null
    }>(
      'health.last',
      `select c.id, e.failure, e.vendor_code, e.vendor_words, e.at,
              t.id as test_id, t.state as test_state, t.finished_at as tested_at
         from unnest($1::text[]) c(id)
         left join lateral (
           (select failure, vendor_code, vendor_words, finished_at as at from deliveries
             where connector_id = c.id and failure is not null and not test
               and finished_at is not null
             order by finished_at desc limit 1)
           union all
           (select failure, vendor_code, vendor_words, at from delivery_attempts
             where connector_id = c.id order by at desc limit 1)
           order by at desc limit 1) e on true
         left join lateral (
           select id, state, finished_at from deliveries
            where connector_id = c.id and test and finished_at is not null
            order by finished_at desc limit 1) t on true`,
      [ids],
    )
    for (const row of rows) {
      const health = found.get(row.id)!
      const { failure, vendor_code: vendorCode, vendor_words: vendorWords, at } = row
      if (failure && at) health.lastError = { failure, vendorCode, vendorWords, at }
      if (row.test_id && row.tested_at) {
        health.lastTest = {
          at: row.tested_at,
          accepted: row.test_state === 'accepted',
          deliveryId: row.test_id,
        }
      }
    }
  },
})

const add = (window: Window, { state, failure, receipt_state }: CountRow, count: number): void => {
  if (count === 0) return
  window.sent += count
  if (state === 'accepted' || state === 'failed' || state === 'unknown') window[state] += count
  if (failure) window.failures[failure] = (window.failures[failure] ?? 0) + count
  if (receipt_state === 'delivered') window.delivered += count
  if (receipt_state === 'undelivered' || receipt_state === 'failed') window.undelivered += count
}
