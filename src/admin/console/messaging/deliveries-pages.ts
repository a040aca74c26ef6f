import type { z } from 'zod'
import type { attempt, delivery } from '../../api/deliveries.ts'
import type { ConsolePage } from '../pages.ts'

export type Delivery = z.output<typeof delivery>
export type Attempt = z.output<typeof attempt>

/** `admin/deliveries`: messages by what was asked for, the newest first. */
export interface DeliveriesPage extends ConsolePage {
  deliveries: readonly Delivery[]
  filter: Readonly<Record<string, string>>
  filtered: boolean
  states: readonly string[]
  connectors: readonly string[]
  nextHref: string | null
}

/** One thing that happened to a message. */
export type Happening =
  | { what: 'queued' | 'dropped' | 'waiting' | 'sending'; at: string | null }
  | { what: 'passed-over' | 'failed' | 'unknown'; at: string | null; by: string; said: Said }
  | { what: 'accepted'; at: string | null; by: string; tookMs: number | null }
  | { what: 'receipt'; at: string; state: string; code: string | null }

export interface Said {
  failure: string | null
  vendorCode: string | null
  vendorWords: string | null
  tookMs: number | null
}

/** `admin/delivery`: one message, and what became of it. */
export interface DeliveryPage extends ConsolePage {
  delivery: Delivery
  happenings: readonly Happening[]
  /** Something may still happen: the page looks again by itself. */
  pollHref: string | null
  /** Those that have a page. */
  connectors: readonly string[]
  /** Of the application that it was asked for by; null where that has no page. */
  clientHref: string | null
  mayAudit: boolean
}
