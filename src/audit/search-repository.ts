import type { Db } from '#src/db/contract.ts'
import { sha256 } from '#src/lib/crypto.ts'
import type { LoggedEvent } from './contract.ts'
import { type EventRow, given, toEvent } from './rows.ts'

/** What is looked for; all of it has to hold. */
export interface EventFilter {
  /** `sign_in.completed`, or `sign_in.*` for all that begin so. */
  event?: string | undefined
  result?: string | undefined
  /** Who did it, where that is somebody else than the person whom it is about. */
  actor?: string | undefined
  userId?: string | undefined
  clientId?: string | undefined
  method?: string | undefined
  connector?: string | undefined
  channel?: string | undefined
  country?: string | undefined
  /** One address, or a network such as `192.0.2.0/24`. */
  address?: string | undefined
  reference?: string | undefined
  interactionUid?: string | undefined
  target?: string | undefined
  since?: Date | undefined
  until?: Date | undefined
  /** Somewhere in the details. */
  text?: string | undefined
}

/** Of an event: microseconds since 1970, and its id. Both as text, since they may outgrow a number. */
export type Position = readonly [string, string]

export interface Found {
  events: { event: LoggedEvent; position: Position }[]
  /** Where to go on; null at the end. There may be more although nothing was found here. */
  next: Position | null
}

type Row = EventRow & { micros: string }

/** How many events are looked at for one page, so that a rare thing takes no longer than another. */
const mostLookedAt = 20_000

const micros = '(extract(epoch from at) * 1000000)::bigint as micros'

/** What an index leads to. */
const indexed: Readonly<Partial<Record<keyof EventFilter, string>>> = {
  actor: 'actor_id = ?',
  userId: 'user_id = ?',
  clientId: 'client_id = ?',
  reference: 'reference = ?',
  interactionUid: 'interaction_uid = ?',
  since: 'at >= ?',
  until: 'at < ?',
}

/** What has to be looked at. */
const others: Readonly<Partial<Record<keyof EventFilter, string>>> = {
  result: 'result = ?',
  method: 'method = ?',
  connector: `(connector = ? or (event like 'connector.%' and target = ?))`,
  channel: 'channel = ?',
  country: 'country = ?',
  target: 'target = ?',
  text: `position(lower(?) in lower(coalesce(detail, ''))) > 0`,
}

const octet = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]|[0-9])'
const networkOf = `case when address ~ '^(${octet}\\.){3}${octet}$' or address ~ '^[0-9a-f:]*:[0-9a-f:]*$'
  then address::inet <<= ?::inet end`

/**
 * What may lead to events, the rarest first. Only one of them does, since an index on each of two finds
 * no rows of both in order: the others are looked at, of a bounded number.
 */
const leads = ['reference', 'interactionUid', 'userId', 'actor', 'address'] as const

type Lead = keyof EventFilter | null

const leadOf = (filter: EventFilter): Lead => {
  const { event = '*', address, clientId } = filter
  const lead = leads.find(
    (name) => filter[name] !== undefined && !(name === 'address' && address?.includes('/')),
  )
  if (lead) return lead
  if (!event.endsWith('*')) return 'event'
  if (clientId !== undefined) return 'clientId'
  return event === '*' ? null : 'event'
}

/** Of an event and a client either may be the rare one. */
const otherLead = (filter: EventFilter): Lead =>
  leadOf(filter) === 'event' && filter.clientId !== undefined ? 'clientId' : null

const isPeriod = (name: string): boolean => name === 'since' || name === 'until'

interface Conditions {
  /** For the name of the statement. */
  shape: string
  first: string[]
  others: string[]
  values: unknown[]
}

const conditionsOf = (filter: EventFilter, lead: Lead, after: Position | null): Conditions => {
  const all: Conditions = { shape: String(lead), first: [], others: [], values: [] }
  const add = (name: string, where: 'first' | 'others', text: string, ...values: unknown[]) => {
    // A single value may be named several times.
    let at = all.values.length + 1
    all[where].push(text.replaceAll('?', () => `$${values.length > 1 ? at++ : at}`))
    all.values.push(...values)
    all.shape += `.${name}`
  }
  const where = (name: string) => (name === lead || isPeriod(name) ? 'first' : 'others')
  for (const [name, text] of Object.entries(indexed)) {
    const value = filter[name as keyof EventFilter]
    if (value !== undefined) add(name, where(name), text, value)
  }
  const { event, address } = filter
  if (event?.endsWith('*')) {
    // Compared by their bytes, as the index is: `.` and whatever follows, up to the next character.
    const prefix = event.slice(0, -1)
    if (prefix)
      add('prefix', where('event'), '(event ~>=~ ? and event ~<~ ?)', prefix, next(prefix))
  } else if (event !== undefined) add('event', where('event'), 'event = ?', event)
  if (address?.includes('/')) add('network', 'others', networkOf, address)
  else if (address !== undefined) {
    add('address', where('address'), 'address = ?', address.toLowerCase())
  }
  for (const [name, text] of Object.entries(others)) {
    const value = filter[name as keyof EventFilter]
    if (value !== undefined) add(name, 'others', text, value)
  }
  if (after) {
    const text = `(at, id) < ('epoch'::timestamptz + ?::bigint * interval '1 microsecond', ?::bigint)`
    add('after', 'first', text, ...after)
  }
  return all
}

const next = (prefix: string): string =>
  prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)

const whereOf = (conditions: readonly string[]) =>
  conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''

const nameOf = (kind: string, shape: string) =>
  `audit.${kind}.${sha256(shape).toString('hex').slice(0, 16)}`

/** Looks things up in the log. */
export const auditSearchRepository = (db: Db) => ({
  /** The newest first. Of many that have to be looked at, it looks at some and says where to go on. */
  async list(filter: EventFilter, limit: number, after: Position | null): Promise<Found> {
    const found = await this.listBy(leadOf(filter), filter, limit, after)
    const other = otherLead(filter)
    if (other === null || found.next === null || found.events.length === limit) return found
    return further(found, await this.listBy(other, filter, limit, after))
  },

  /** The same, by what leads. */
  async listBy(
    lead: Lead,
    filter: EventFilter,
    limit: number,
    after: Position | null,
  ): Promise<Found> {
    const { shape, first, others: looked, values } = conditionsOf(filter, lead, after)
    const bounded = looked.length > 0
    const rows = await db.query<Row>(
      nameOf('list', shape),
      `select id, at, ${given}, ${micros} from (
         select * from audit_events ${whereOf(first)} order by at desc, id desc
          limit ${bounded ? mostLookedAt : `$${values.length + 1}`}) events
       ${whereOf(looked)} order by at desc, id desc limit $${values.length + 1}`,
      [...values, limit + 1],
    )
    const events = rows.slice(0, limit).map((row) => ({
      event: toEvent(row),
      position: [row.micros, row.id] as const,
    }))
    if (rows.length > limit) return { events, next: events.at(-1)!.position }
    return { events, next: bounded ? await this.lookedTo(lead, filter, after) : null }
  },

  /** Where looking for a page ends before the log does; null where it does not. */
  async lookedTo(
    lead: Lead,
    filter: EventFilter,
    after: Position | null,
  ): Promise<Position | null> {
    const { shape, first, values } = conditionsOf(firstOf(filter, lead), lead, after)
    const [row] = await db.query<{ micros: string; id: string }>(
      nameOf('lookedTo', shape),
      `select ${micros}, id from audit_events ${whereOf(first)}
        order by at desc, id desc offset ${mostLookedAt - 1} limit 1`,
      values,
    )
    return row ? [row.micros, row.id] : null
  },

  async find(id: string): Promise<LoggedEvent | null> {
    const [row] = await db.query<EventRow>(
      'audit.find',
      `select id, at, ${given} from audit_events where id = $1`,
      [id],
    )
    return row ? toEvent(row) : null
  },

  /** Everything of one sign-in, in its order. */
  async timeline(interactionUid: string): Promise<LoggedEvent[]> {
    const rows = await db.query<EventRow>(
      'audit.timeline',
      `select id, at, ${given} from audit_events where interaction_uid = $1
        order by at, id limit 1000`,
      [interactionUid],
    )
    return rows.map(toEvent)
  },
})

/** Without what has to be looked at. */
const firstOf = (filter: EventFilter, lead: Lead): EventFilter => {
  const kept = Object.entries(filter).filter(([name]) => name === lead || isPeriod(name))
  return Object.fromEntries(kept)
}

const isBehind = ([at, id]: Position, [otherAt, otherId]: Position): boolean =>
  at === otherAt ? BigInt(id) < BigInt(otherId) : BigInt(at) < BigInt(otherAt)

/** Whichever has looked further back: it has found what the other one has, and maybe more. */
const further = (one: Found, other: Found): Found =>
  one.next && (other.next === null || isBehind(other.next, one.next)) ? other : one
