import { isIP } from 'node:net'
import { z } from 'zod'
import { listOf, page, readCursor, writeCursor } from '#src/api/index.ts'
import {
  auditSearchRepository,
  type EventFilter,
  exportEvents,
  exportFormats,
  type LoggedEvent,
} from '#src/audit/index.ts'
import { Problem } from '#src/lib/problem.ts'
import { type Operation, operation, type Streamed } from '../contract.ts'

const text = (description: string) => z.string().min(1).max(256).optional().describe(description)

const isNetwork = (value: string): boolean => {
  const [address = '', bits, ...more] = value.split('/')
  const version = isIP(address)
  if (version === 0 || more.length > 0 || address.includes('%')) return false
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
  )
}

const filters = {
  event: z
    .string()
    .max(128)
    .regex(/^[\w.]*\*?$/, 'has to be the name of an event, or end with *')
    .optional()
    .describe('Its name; `sign_in.*` is whatever begins so.'),
  result: text('How it ended; of a failure the reason.'),
  actor: text('Who did it: a `client_id` or user id, where that is not whom it is about.'),
  user: text('Whom it is about.'),
  client: text('`client_id`'),
  method: text('Such as `sms-code`.'),
  connector: text('Id of a connector.'),
  channel: z.enum(['sms', 'email']).optional(),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'has to be two capital letters (ISO 3166)')
    .optional(),
  address: z
    .string()
    .max(64)
    .refine(isNetwork, 'has to be an address or a network such as 192.0.2.0/24')
    .optional(),
  reference: text('As it was shown to somebody.'),
  interaction: text('All of one sign-in.'),
  target: text('What it is about, where that is neither a person nor a client.'),
  since: z.iso.datetime({ offset: true }).optional(),
  until: z.iso.datetime({ offset: true }).optional(),
  text: text('Somewhere in the details.'),
}

type Filters = z.output<z.ZodObject<typeof filters>>

const filterOf = ({ user, client, interaction, since, until, ...rest }: Filters): EventFilter => ({
  ...rest,
  userId: user,
  clientId: client,
  interactionUid: interaction,
  since: since === undefined ? undefined : new Date(since),
  until: until === undefined ? undefined : new Date(until),
})

const event = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  event: z.string(),
  result: z.string().nullable(),
  actor: z.object({ kind: z.enum(['client', 'person']), id: z.string() }).nullable(),
  user: z.string().nullable(),
  client: z.string().nullable(),
  interaction: z.string().nullable(),
  method: z.string().nullable(),
  channel: z.string().nullable(),
  connector: z.string().nullable(),
  country: z.string().nullable(),
  address: z.string().nullable(),
  reference: z.string().nullable(),
  target: z.string().nullable(),
  detail: z.unknown(),
})

/** An event as the API tells it. */
export type EventView = z.output<typeof event>

const jsonOf = (detail: string | null): unknown => {
  try {
    return detail === null ? null : JSON.parse(detail)
  } catch {
    return detail
  }
}

/** An event as programs are told. */
const present = ({ userId, clientId, interactionUid, detail, at, ...rest }: LoggedEvent) => ({
  ...rest,
  at: at.toISOString(),
  user: userId,
  client: clientId,
  interaction: interactionUid,
  detail: jsonOf(detail),
})

const position = z.tuple([z.string().regex(/^\d{1,16}$/), z.string().regex(/^\d{1,18}$/)])
const formats = Object.keys(exportFormats) as [keyof typeof exportFormats]

/** What happened. Nobody can change it, so there are no others. */
export const auditOperations = (): Operation[] => [
  operation({
    id: 'audit.list',
    method: 'GET',
    path: '/audit',
    scope: 'audit:read',
    summary:
      'What happened, the newest first. A page may hold fewer than asked for while `next` is there.',
    query: z.strictObject({ ...page, ...filters }),
    answer: listOf(event),
    async run({ db, query: { limit, cursor, ...rest } }) {
      const after = readCursor(cursor, position)
      const found = await auditSearchRepository(db).list(filterOf(rest), limit, after)
      const data = found.events.map((each) => present(each.event))
      return { data, next: found.next && writeCursor(found.next) }
    },
  }),

  operation({
    id: 'audit.export',
    method: 'GET',
    path: '/audit/export',
    scope: 'audit:read',
    summary: 'All that a filter finds, the newest first, as CSV or as one JSON object a line.',
    query: z.strictObject({ format: z.enum(formats), ...filters }),
    streams: Object.values(exportFormats),
    note: ({ query }) => ({ event: 'audit.exported', detail: query }),
    async run({ db, query: { format, ...rest } }): Promise<Streamed> {
      const now = new Date()
      const filter = filterOf(rest)
      // What happens meanwhile is for the next export.
      const until = filter.until && filter.until < now ? filter.until : now
      const name = `audit-${now.toISOString().slice(0, 10)}.${format}`
      const chunks = exportEvents(db, { ...filter, until }, format, present)
      return { type: exportFormats[format], filename: name, chunks }
    },
  }),

  operation({
    id: 'audit.timeline',
    method: 'GET',
    path: '/audit/interactions/{interaction}',
    scope: 'audit:read',
    summary: 'Everything that happened in one sign-in, in its order.',
    params: z.object({ interaction: z.string().min(1).max(128) }),
    answer: z.object({ data: z.array(event) }),
    async run({ db, params }) {
      const events = await auditSearchRepository(db).timeline(params.interaction)
      if (events.length === 0) throw new Problem('not_found')
      return { data: events.map(present) }
    },
  }),

  operation({
    id: 'audit.read',
    method: 'GET',
    path: '/audit/{event_id}',
    scope: 'audit:read',
    summary: 'One event.',
    params: z.object({ event_id: z.string().regex(/^\d{1,18}$/) }),
    answer: event,
    async run({ db, params }) {
      const found = await auditSearchRepository(db).find(params.event_id)
      if (!found) throw new Problem('not_found')
      return present(found)
    },
  }),
]
