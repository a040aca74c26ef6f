import type { WebhookDeliveryView, WebhookView } from '../../api/webhook-view.ts'
import type { ConsolePage } from '../pages.ts'

/** How a webhook fares, in a word that the views have words for. */
export type Condition = 'off' | 'gone' | 'unused' | 'well' | 'failing' | 'dead'

/** `admin/webhooks`. */
export interface WebhooksPage extends ConsolePage {
  webhooks: readonly (WebhookView & { condition: Condition })[]
  nextHref: string | null
  mayChange: boolean
}

/** Events of one kind, to tick: all of them, or each. */
export interface EventGroup {
  /** `sign_in.*`; an event alone has none. */
  pattern: string | null
  name: string
  events: readonly { event: string; words: string }[]
}

export interface WebhookForm {
  url: string
  description: string
  /** What is ticked. */
  chosen: readonly string[]
  /** Patterns that there is nothing to tick for, a line for each. */
  more: string
  enabled: boolean
}

/** `admin/webhook-new`: posts `url`, `description`, `events` and `more`. */
export interface NewWebhookPage extends ConsolePage {
  typed: WebhookForm
  groups: readonly EventGroup[]
}

/** `admin/webhook-secret`: shown this once. */
export interface WebhookSecretPage extends ConsolePage {
  href: string
  secret: string
  previousUntil: string | null
}

/** `admin/webhook`. */
export interface WebhookPage extends ConsolePage {
  webhook: WebhookView & { condition: Condition }
  base: string
  version: number
  typed: WebhookForm
  groups: readonly EventGroup[]
  /** What came of a test just now. */
  tested: { status: number | null; error: string | null; tookMs: number } | null
  deliveries: readonly WebhookDeliveryView[]
  state: string
  states: readonly string[]
  nextHref: string | null
  mayChange: boolean
}

/** `admin/webhook-delete`. */
export interface WebhookDeletePage extends ConsolePage {
  webhook: WebhookView
  base: string
}

/** `admin/webhook-delivery`. */
export interface WebhookDeliveryPage extends ConsolePage {
  delivery: WebhookDeliveryView
  eventHref: string | null
  /** As it is sent, indented. */
  body: string
  base: string
  mayChange: boolean
}
