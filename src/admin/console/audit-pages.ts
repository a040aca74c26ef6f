import type { ConsolePage } from './pages.ts'

/** One event as people read it. */
export interface ShownEvent {
  id: string
  at: string
  /** A sentence; the event itself where there is none. */
  words: string
  event: string
  result: string | null
  /** `result` in words, where there are any. */
  resultWords: string | null
  /** Who did it, and whom or what it is about; without `href` where this admin may not see it. */
  actor: Linked | null
  user: Linked | null
  client: Linked | null
  connector: Linked | null
  /** How a message went out, such as `sms · CH`. */
  via: string
  address: string | null
}

export interface Linked {
  id: string
  href: string | null
}

/** `admin/audit`. */
export interface AuditPage extends ConsolePage {
  typed: Readonly<Record<string, string>>
  /** Whether anything is filtered by, the reference aside. */
  filtered: boolean
  events: readonly ShownEvent[]
  /** What the field for an event suggests. */
  suggested: readonly string[]
  periods: readonly string[]
  channels: readonly string[]
  nextHref: string | null
  exports: readonly { format: string; href: string }[]
  /** Null where this admin may not see the settings. */
  retentionDays: number | null
}

/** `admin/audit-event`. */
export interface AuditEventPage extends ConsolePage {
  event: ShownEvent
  facts: readonly { name: string; value: string; href: string | null; filterHref: string | null }[]
  /** As JSON; null where there is none. */
  detail: string | null
  /** The whole sign-in that it belongs to, in its order. */
  timeline: readonly (ShownEvent & { current: boolean; afterMs: number })[]
  interactionHref: string | null
}
