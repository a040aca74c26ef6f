import { z } from 'zod'
import { usageTypes } from '#connectors/contract.ts'
import { listOf, page, readCursor, writeCursor } from '#src/api/index.ts'
import type { MessagingManagement } from '#src/messaging/index.ts'
import { type Operation, operation } from '../contract.ts'
import { channel, clean, failure, instant } from './connector-view.ts'
import { readRecipient } from './recipient.ts'

export const state = z.enum(['queued', 'sending', 'accepted', 'failed', 'unknown', 'dropped'])

export const delivery = z.object({
  id: z.string(),
  channel,
  recipient: z.string().describe('As in `+41•••67`; nobody gets to see more of it.'),
  country: z.string().nullable().describe('ISO 3166, of a number that tells.'),
  usageType: z.enum(usageTypes),
  state: state.describe('`unknown`: it may have been sent; `dropped`: it came too late.'),
  test: z.boolean().describe('Sent by an admin to see whether it works.'),
  connectorId: z.string().nullable().describe('The instance that had the last word.'),
  reference: z.string().nullable().describe("The vendor's."),
  failure: failure.nullable(),
  vendorCode: z.string().nullable(),
  vendorWords: z.string().nullable(),
  tookMs: z.int().nullable().describe('Until the vendor answered.'),
  interactionUid: z.string().nullable(),
  clientId: z.string().nullable(),
  createdAt: instant,
  expiresAt: instant,
  finishedAt: instant.nullable(),
  receipt: z
    .object({
      state: z.enum(['sent', 'delivered', 'undelivered', 'failed']),
      code: z.string().nullable(),
      at: instant,
    })
    .nullable()
    .describe('What the vendor said later became of it.'),
})

export const attempt = z.object({
  connectorId: z.string(),
  failure,
  vendorCode: z.string().nullable(),
  vendorWords: z.string().nullable(),
  tookMs: z.int(),
  at: instant,
})

const time = z.iso
  .datetime({ offset: true })
  .transform((given) => new Date(given))
  .optional()

const key = z.tuple([z.int().min(0), clean(64)])

/** Messages, and what became of them. */
export const deliveryOperations = ({
  management: { deliveries },
}: {
  management: Pick<MessagingManagement, 'deliveries'>
}): Operation[] => [
  operation({
    id: 'deliveries.list',
    method: 'GET',
    path: '/deliveries',
    scope: 'deliveries:read',
    summary:
      'Messages of the last thirty days, the newest first. A page may hold fewer than asked for while `next` is there.',
    query: z.strictObject({
      ...page,
      channel: channel.optional(),
      state: state.optional(),
      connectorId: clean(63).optional(),
      country: z
        .string()
        .regex(/^[A-Z]{2}$/)
        .optional()
        .describe('ISO 3166.'),
      since: time,
      until: time,
      interactionUid: clean(64).optional(),
      recipient: clean(512)
        .optional()
        .describe('An email address or a phone number; only exactly this one is found.'),
      test: z
        .enum(['true', 'false'])
        .transform((given) => given === 'true')
        .optional(),
    }),
    answer: listOf(delivery),
    async run({ db, query: { cursor, limit, recipient, since, until, ...query } }) {
      const after = readCursor(cursor, key)
      const found = await deliveries.list(
        db,
        {
          channel: query.channel ?? null,
          state: query.state ?? null,
          connectorId: query.connectorId ?? null,
          country: query.country ?? null,
          interactionUid: query.interactionUid ?? null,
          test: query.test ?? null,
          since: since ?? null,
          until: until ?? null,
        },
        recipient === undefined ? null : readRecipient(recipient, ['sms', 'email'], 'recipient'),
        after && [String(after[0]), after[1]],
        limit,
      )
      const next = found.next && writeCursor([Number(found.next[0]), found.next[1]])
      return { data: found.deliveries, next }
    },
  }),

  operation({
    id: 'deliveries.read',
    method: 'GET',
    path: '/deliveries/{id}',
    scope: 'deliveries:read',
    summary: 'One message, with the instances that were asked before the last one.',
    params: z.object({ id: clean(64) }),
    answer: delivery.extend({ attempts: z.array(attempt) }),
    run: ({ db, params }) => deliveries.read(db, params.id),
  }),
]
