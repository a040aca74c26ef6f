import type { Channel, UsageType } from '#connectors/contract.ts'

/** A message that the evaluation inbox kept instead of a vendor sending it. */
export interface InboxMessage {
  id: string
  channel: Channel
  /** Canonical: E.164 for `sms`, addr-spec for `email`. */
  to: string
  usageType: UsageType
  locale: string
  subject: string | null
  text: string
  html: string | null
  code: string | null
  link: string | null
  createdAt: Date
}

/** Where the kept messages are. */
export interface Inbox {
  /** Oldest first; `to` is canonical. */
  list(filter?: { to?: string }): Promise<readonly InboxMessage[]>
  clear(): Promise<void>
}
