import { z } from 'zod'
import { listOf } from '#src/api/index.ts'
import { auditRepository, personEventRepository } from '#src/audit/index.ts'
import { factorResetRepository } from '#src/verification/index.ts'
import { about } from '../about.ts'
import { operation } from '../contract.ts'
import type { AccountDeps } from '../deps.ts'
import { instant } from '../person.ts'
import { endOthers } from '../sessions/end-others.ts'
import { shownDays, shownEvents } from './events.ts'

const eventId = z.string().regex(/^\d{1,18}$/)

const event = z.object({
  id: z.string(),
  at: instant,
  event: z.string(),
  method: z.string().nullable(),
  result: z.string().nullable(),
  clientId: z.string().nullable(),
  address: z.string().nullable(),
})

/** What has happened to an account. */
export const activityOperations = (deps: AccountDeps) => ({
  list: operation({
    id: 'activity.list',
    method: 'GET',
    path: '/activity',
    scope: 'account:read',
    summary: 'What happened to the account in the last 90 days, the newest first.',
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(100).default(25),
      cursor: eventId.optional().describe('`next` of the list before; first without it.'),
    }),
    answer: listOf(event),
    async run({ db, actor, query: { limit, cursor } }) {
      const found = await personEventRepository(db).list(actor.id, {
        events: shownEvents,
        days: shownDays,
        before: cursor ?? null,
        limit: limit + 1,
      })
      const data = found.slice(0, limit)
      return { data, next: found.length > limit ? data.at(-1)!.id : null }
    },
  }),

  dispute: operation({
    id: 'activity.dispute',
    method: 'POST',
    path: '/activity/dispute',
    scope: 'account:write',
    summary:
      'Says that something was done by somebody else: signs out everywhere but here, and calls off a reset of second factors.',
    body: z.strictObject({ event: eventId.optional() }),
    async run({ db, actor, origin, body }) {
      const found = body.event ? await personEventRepository(db).find(actor.id, body.event) : null
      await auditRepository(db).add({
        ...about(actor, origin),
        event: 'activity.disputed',
        target: found?.id ?? null,
        detail: found ? JSON.stringify({ event: found.event, at: found.at.toISOString() }) : null,
      })
      await factorResetRepository(db).cancel(actor.id, about(actor, origin))
      await endOthers(deps, db, actor, origin)
    },
  }),
})
