import type { Answered } from '#src/lib/outbound.ts'

/** Somebody's server that is told of events. Its secrets are shown when they are made, and never again. */
export interface Webhook {
  id: string
  url: string
  description: string | null
  /** Names of events; with `*` at the end, all that begin so. */
  events: readonly string[]
  enabled: boolean
  /** Why the server has disabled it by itself: `gone` after an answer 410. */
  disabledReason: string | null
  /** Until when the secret before this one signs as well. */
  previousSecretUntil: Date | null
  /** It is changed there, and nowhere else. */
  managedByFile: boolean
  version: number
  createdAt: Date
  updatedAt: Date
}

/** What came of a try. `secret_unreadable`: none of `SECRET_KEYS` opens what is to sign it. */
export interface Tried {
  status: number | null
  error: Answered['error'] | 'secret_unreadable'
}

/** `dead`: it was tried for more than a day, and is tried again only when somebody says so. */
export type DeliveryState = 'pending' | 'delivered' | 'dead'

/** One event on its way to one webhook. */
export interface WebhookDelivery {
  /** `webhook-id`: the same at each try. */
  id: string
  webhookId: string
  eventId: string
  event: string
  state: DeliveryState
  attempts: number
  /** When it is tried next; null where it is not. */
  nextAt: Date | null
  /** Of the last try: what was answered, or why nothing was. */
  status: number | null
  error: string | null
  tookMs: number | null
  attemptedAt: Date | null
  createdAt: Date
}

/** How a webhook fares, as far as it is remembered. */
export interface WebhookHealth {
  pending: number
  dead: number
  /** Of the newest delivery that was tried; null where none was. */
  lastEvent: string | null
  lastState: DeliveryState | null
  lastStatus: number | null
  lastError: string | null
  lastAt: Date | null
}
