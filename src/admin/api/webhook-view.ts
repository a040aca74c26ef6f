import { z } from 'zod'
import type { Db } from '#src/db/contract.ts'
import {
  type Webhook,
  type WebhookDelivery,
  type WebhookHealth,
  webhookDeliveryRepository,
} from '#src/webhooks/index.ts'

const instant = z.date().transform((at) => at.toISOString())

export const webhook = z.object({
  id: z.string(),
  url: z.string(),
  description: z.string().nullable(),
  events: z.array(z.string()),
  enabled: z.boolean(),
  disabledReason: z.enum(['gone']).nullable().describe('`gone`: it has answered 410.'),
  previousSecretUntil: instant.nullable().describe('Until then, both secrets sign.'),
  managedByFile: z.boolean(),
  version: z.int(),
  createdAt: instant,
  updatedAt: instant,
})
export const deliveryState = z.enum(['pending', 'delivered', 'dead'])
export const deliveryError = z
  .enum(['not_allowed', 'not_found', 'timeout', 'tls', 'unreachable', 'secret_unreadable'])
  .nullable()
export const withHealth = webhook.extend({
  health: z
    .object({
      pending: z.int().describe('Still to be told; counted up to 1000.'),
      dead: z.int().describe('Given up within 30 days; counted up to 1000.'),
      lastEvent: z.string().nullable(),
      lastState: deliveryState.nullable(),
      lastStatus: z.int().nullable(),
      lastError: deliveryError,
      lastAt: instant.nullable(),
    })
    .describe('What came of the newest delivery that was tried, and of the others.'),
})
export const withSecret = webhook.extend({
  secret: z.string().describe('Shown now, and never again.'),
})

export const delivery = z.object({
  id: z.string().describe('`webhook-id`, the same at each try.'),
  webhookId: z.string(),
  eventId: z.string(),
  event: z.string(),
  state: deliveryState,
  attempts: z.int(),
  nextAt: instant.nullable(),
  status: z.int().nullable(),
  error: deliveryError,
  tookMs: z.int().nullable(),
  attemptedAt: instant.nullable(),
  createdAt: instant,
})

export type WebhookView = z.output<typeof withHealth>
export type WebhookDeliveryView = z.output<typeof delivery>

export const webhookAnswer = (found: Webhook) => ({
  ...found,
  disabledReason: found.disabledReason as 'gone' | null,
})

/** With how each of them fares. */
export const healthy = async <T extends Webhook>(db: Db, found: readonly T[]) => {
  const health = await webhookDeliveryRepository(db).health(found.map(({ id }) => id))
  return found.map((each) => ({
    ...webhookAnswer(each),
    health: healthAnswer(health.get(each.id)!),
  }))
}
const healthAnswer = (found: WebhookHealth) => ({
  ...found,
  lastError: found.lastError as z.output<typeof deliveryError>,
})
export const deliveryAnswer = (found: WebhookDelivery) => ({
  ...found,
  error: found.error as z.output<typeof delivery>['error'],
})
