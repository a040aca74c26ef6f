/**
 * Servers of others that are told what happened. Whoever follows the log notes for each of them what it
 * is to be told; from there it is sent, signed, again and again for a day, at least once. Nothing is
 * told but what happened and the ids of what it is about.
 */
export type { DeliveryState, Webhook, WebhookDelivery, WebhookHealth } from './contract.ts'
export { applyDeclaredWebhooks } from './declared.ts'
export { deliveryRepository as webhookDeliveryRepository } from './delivery-repository.ts'
export { fanOut } from './fan-out.ts'
export { webhookRepository } from './repository.ts'
export { sealWebhooksAgain } from './secrets.ts'
export { type WebhookDeps, type Webhooks, webhooks } from './webhooks.ts'
