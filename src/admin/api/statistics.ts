import { z } from 'zod'
import { reports } from '#src/statistics/index.ts'
import { type Operation, operation } from '../contract.ts'

const count = z.number().int()
const share = z.number().nullable()
const reasons = z.array(z.object({ reason: z.string(), count }))
const instant = z.date().transform((at) => at.toISOString())

const period = {
  grain: z.enum(['hour', 'day']).describe('Days and hours begin by UTC.'),
  since: instant.describe('The beginning of the first of them.'),
  until: instant,
}

const times = z.object({
  buckets: z.array(z.object({ upToSeconds: z.number().nullable(), count })),
  medianSeconds: z.number().nullable().describe('Estimated from the buckets.'),
  p90Seconds: z.number().nullable(),
})

const active = z.object({ day: z.string(), daily: count, weekly: count, monthly: count })

const query = z.strictObject({
  since: z.iso.datetime({ offset: true }).optional().describe('30 days before unless given.'),
  until: z.iso.datetime({ offset: true }).optional().describe('Now unless given.'),
  client: z.string().min(1).max(256).optional().describe('`client_id`'),
  channel: z.enum(['sms', 'email']).optional(),
})

const asked = ({ since, until, client, channel }: z.output<typeof query>) => ({
  since: since === undefined ? null : new Date(since),
  until: until === undefined ? null : new Date(until),
  clientId: client ?? null,
  channel: channel ?? null,
})

const report = { method: 'GET', scope: 'statistics:read', query } as const

/** How sign-ins fare. Everything is counted as it happens, a second or two behind. */
export const statisticsOperations = (): Operation[] => [
  operation({
    ...report,
    id: 'statistics.overview',
    path: '/statistics/overview',
    summary: 'Users, who of them was active within a day, 7 and 30 days, and sign-ins.',
    answer: z.object({
      ...period,
      users: z.object({ total: count, created: count, deleted: count }),
      active: active.nullable().describe('On the last day.'),
      signIns: z.object({ started: count, completed: count, issued: count, share }),
      times,
      series: z.array(z.object({ at: instant, started: count, completed: count })),
      activeByDay: z.array(active),
      usersByDay: z.array(z.object({ at: instant, created: count, deleted: count })),
    }),
    run: ({ db, query }) => reports(db).overview(asked(query)),
  }),

  operation({
    ...report,
    id: 'statistics.funnel',
    path: '/statistics/funnel',
    summary: 'How far sign-ins came that began in the period, by channel, and why they did not.',
    answer: z.object({
      ...period,
      channels: z.array(
        z.object({
          channel: z.string().describe('`all` is any channel, or none.'),
          stages: z.array(
            z.object({
              stage: z.string(),
              count,
              losses: reasons.describe('What kept others from it, as often as it happened.'),
            }),
          ),
          times,
          links: reasons.describe('Links opened, by whether it was in the browser that asked.'),
        }),
      ),
    }),
    run: ({ db, query }) => reports(db).funnel(asked(query)),
  }),

  operation({
    ...report,
    id: 'statistics.countries',
    path: '/statistics/countries',
    summary: 'Text messages by country, with the share of them that proved something.',
    answer: z.object({
      ...period,
      data: z.array(
        z.object({
          country: z.string(),
          sent: count,
          accepted: count,
          failed: count,
          delivered: count,
          verified: count,
          conversion: share,
        }),
      ),
    }),
    run: ({ db, query }) => reports(db).countries(asked(query)),
  }),

  operation({
    ...report,
    id: 'statistics.connectors',
    path: '/statistics/connectors',
    summary: 'Messages by connector, with its failures.',
    answer: z.object({
      ...period,
      data: z.array(
        z.object({
          connector: z.string(),
          accepted: count,
          delivered: count,
          verified: count,
          failed: count,
          failures: reasons,
          times,
        }),
      ),
      withoutConnector: reasons,
    }),
    run: ({ db, query }) => reports(db).connectors(asked(query)),
  }),

  operation({
    ...report,
    id: 'statistics.methods',
    path: '/statistics/methods',
    summary: 'How often each way to sign in was used, failed, was set up and was reset.',
    answer: z.object({
      ...period,
      data: z.array(
        z.object({
          method: z.string(),
          succeeded: count,
          failed: count,
          failures: reasons,
          added: count,
          reset: count,
        }),
      ),
      signIns: z.array(z.object({ methods: z.array(z.string()), completed: count })),
    }),
    run: ({ db, query }) => reports(db).methods(asked(query)),
  }),
]
