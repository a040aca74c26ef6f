import { z } from 'zod'
import {
  webhookDescription as description,
  webhookEvents as events,
  webhookUrl as url,
  webhookId,
  webhookSecret,
} from '#config/webhook-schema.ts'
import { listOf, page, pageOf, readCursor, writeCursor } from '#src/api/index.ts'
import { Problem } from '#src/lib/problem.ts'
import type { Limits } from '#src/limits/index.ts'
import { type Webhooks, webhookDeliveryRepository, webhookRepository } from '#src/webhooks/index.ts'
import { type Operation, operation } from '../contract.ts'
import {
  delivery,
  deliveryAnswer,
  healthy,
  webhook,
  webhookAnswer,
  withHealth,
  withSecret,
} from './webhook-view.ts'

export interface WebhookOperationDeps {
  webhooks: Webhooks
  limits: Pick<Limits, 'use'>
}

/** In ten minutes, by one admin: whoever is called did not ask for it. */
const mostTests = 20
const windowSeconds = 600

const id = z.string().regex(/^[\w-]{1,64}$/)
const eventName = z.string().regex(/^[\w.]{1,128}$/)
const params = z.object({ webhook_id: id })
const deliveryParams = z.object({ delivery_id: id })
const position = z.tuple([z.string().regex(/^\d{1,16}$/), id])

/** Of a URL only the host is noted: the rest may be a secret. */
const hostOf = (text: string | undefined) =>
  text === undefined ? {} : { host: URL.parse(text)?.host ?? null }

/** Servers of others that are told what happened. */
export const webhookOperations = ({ webhooks, limits }: WebhookOperationDeps): Operation[] => [
  operation({
    id: 'webhooks.list',
    method: 'GET',
    path: '/webhooks',
    scope: 'webhooks:read',
    summary: 'All webhooks, the oldest first.',
    query: z.strictObject(page),
    answer: listOf(withHealth),
    async run({ db, query: { limit, cursor } }) {
      const rows = await webhookRepository(db).list(limit + 1, readCursor(cursor, position))
      const { data, next } = pageOf(
        rows,
        limit,
        ({ micros, id }) => [micros, id],
        (row) => row,
      )
      return { data: await healthy(db, data), next }
    },
  }),

  operation({
    id: 'webhooks.create',
    method: 'POST',
    path: '/webhooks',
    scope: 'webhooks:write',
    summary: 'Has a server told what happens from now on, and gives the secret that signs it.',
    body: z.strictObject({
      url,
      events,
      description: description.default(null),
      enabled: z.boolean().default(true),
      id: webhookId.optional().describe('A random one without.'),
      secret: webhookSecret
        .optional()
        .describe('One that the receiver has already; random without.'),
    }),
    answer: withSecret,
    status: 201,
    note: ({ body }, { id }) => ({
      event: 'webhook.created',
      target: id,
      detail: { ...hostOf(body.url), events: body.events },
    }),
    run: async ({ db, body: { id, secret: own, ...given } }) => {
      const { secret, ...made } = await webhooks.create(db, given, { id, secret: own })
      return { ...webhookAnswer(made), secret }
    },
  }),

  operation({
    id: 'webhooks.read',
    method: 'GET',
    path: '/webhooks/{webhook_id}',
    scope: 'webhooks:read',
    summary: 'One webhook.',
    params,
    answer: withHealth,
    async run({ db, params: { webhook_id } }) {
      const [found] = await healthy(db, [await webhooks.find(db, webhook_id)])
      return found!
    },
  }),

  operation({
    id: 'webhooks.update',
    method: 'PATCH',
    path: '/webhooks/{webhook_id}',
    scope: 'webhooks:write',
    summary: 'Changes what is given. What waits for a disabled webhook is sent once it is enabled.',
    versioned: true,
    params,
    body: z.strictObject({ url, events, description, enabled: z.boolean() }).partial(),
    answer: webhook,
    note: ({ params: { webhook_id }, body: { url: given, ...rest } }) => ({
      event: 'webhook.updated',
      target: webhook_id,
      detail: { ...hostOf(given), ...rest },
    }),
    run: async ({ db, params: { webhook_id }, body, version }) =>
      webhookAnswer(await webhooks.change(db, webhook_id, body, version)),
  }),

  operation({
    id: 'webhooks.delete',
    method: 'DELETE',
    path: '/webhooks/{webhook_id}',
    scope: 'webhooks:write',
    summary: 'Tells it nothing more, also not what it was still to be told.',
    versioned: true,
    destructive: true,
    params,
    note: ({ params: { webhook_id } }) => ({ event: 'webhook.deleted', target: webhook_id }),
    run: ({ db, params: { webhook_id }, version }) => webhooks.delete(db, webhook_id, version),
  }),

  operation({
    id: 'webhooks.rotateSecret',
    method: 'POST',
    path: '/webhooks/{webhook_id}/secret',
    scope: 'webhooks:write',
    summary: 'Makes a new secret. Until the overlap is over, the one before signs as well.',
    versioned: true,
    params,
    body: z.strictObject({
      overlapSeconds: z.int().min(0).max(604_800).default(86_400),
      secret: webhookSecret
        .optional()
        .describe('One that the receiver has already; random without.'),
    }),
    answer: withSecret,
    note: ({ params: { webhook_id } }) => ({ event: 'webhook.secret_rotated', target: webhook_id }),
    run: async ({ db, params: { webhook_id }, body, version }) => {
      const { secret, ...changed } = await webhooks.rotateSecret(
        db,
        webhook_id,
        body.overlapSeconds,
        version,
        body.secret,
      )
      return { ...webhookAnswer(changed), secret }
    },
  }),

  operation({
    id: 'webhooks.test',
    method: 'POST',
    path: '/webhooks/{webhook_id}/test',
    scope: 'webhooks:write',
    summary: 'Sends `webhook.test` now, once, and tells what came of it.',
    atomic: false,
    params,
    answer: z.object({
      status: z.int().nullable(),
      error: delivery.shape.error,
      tookMs: z.int(),
    }),
    note: ({ params: { webhook_id } }, { status, error }) => ({
      event: 'webhook.tested',
      target: webhook_id,
      detail: { status, error },
    }),
    async run({ params: { webhook_id }, actor: { kind, id } }) {
      await limits.use('webhook-test', `${kind}:${id}`, mostTests, windowSeconds)
      return webhooks.test(webhook_id)
    },
  }),

  operation({
    id: 'webhookDeliveries.list',
    method: 'GET',
    path: '/webhook-deliveries',
    scope: 'webhooks:read',
    summary:
      'What webhooks were told in the last 30 days and are still to be told, the newest first. A page may hold fewer than asked for while `next` is there.',
    query: z.strictObject({
      ...page,
      webhook: id.optional(),
      state: delivery.shape.state.optional(),
      event: eventName.optional(),
    }),
    answer: listOf(delivery),
    async run({
      db,
      query: { limit, cursor, webhook: webhookId = null, state = null, event = null },
    }) {
      const before = readCursor(cursor, position)
      const filter = { webhookId, state, event }
      const { rows, next } = await webhookDeliveryRepository(db).list(filter, limit, before)
      return { data: rows.map(deliveryAnswer), next: next && writeCursor(next) }
    },
  }),

  operation({
    id: 'webhookDeliveries.read',
    method: 'GET',
    path: '/webhook-deliveries/{delivery_id}',
    scope: 'webhooks:read',
    summary: 'One delivery, with what is sent.',
    params: deliveryParams,
    answer: delivery.extend({ body: z.string() }),
    async run({ db, params: { delivery_id } }) {
      const found = await webhookDeliveryRepository(db).find(delivery_id)
      if (!found) throw new Problem('not_found')
      return { ...deliveryAnswer(found), body: found.body }
    },
  }),

  operation({
    id: 'webhookDeliveries.replay',
    method: 'POST',
    path: '/webhook-deliveries/{delivery_id}/replay',
    scope: 'webhooks:write',
    summary: 'Sends it again from the first try, with the same id. What is pending stays as it is.',
    params: deliveryParams,
    answer: delivery,
    note: ({ params: { delivery_id } }, { webhookId }) => ({
      event: 'webhook.delivery_replayed',
      target: webhookId,
      detail: { delivery: delivery_id },
    }),
    async run({ db, params: { delivery_id } }) {
      const deliveries = webhookDeliveryRepository(db)
      const replayed =
        (await deliveries.replay(delivery_id)) ?? (await deliveries.find(delivery_id))
      if (!replayed) throw new Problem('not_found')
      return deliveryAnswer(replayed)
    },
  }),
]
