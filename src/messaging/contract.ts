import type { Channel, UsageType } from '#connectors/contract.ts'
import type { Db } from '#src/db/contract.ts'

/** Values for the placeholders of a template; `{{application.name}}` is `applicationName` here. */
export interface Variables {
  /** Empty for an invitation, which says where to begin and proves nothing. */
  code: string
  link: string | null
  expiresInMinutes: number
  applicationName: string
  userName: string | null
}

export interface NewDelivery {
  id: string
  channel: Channel
  /** Canonical identifier: E.164 or addr-spec. */
  to: string
  usageType: UsageType
  /** BCP 47 tag of the sign-in. */
  locale: string
  variables: Variables
  /** After this many seconds the message is dropped instead of sent. */
  ttlSeconds: number
  interactionUid: string | null
  clientId: string | null
}

/**
 * `queued`, `sending`: not known yet. `accepted`: the vendor took it. `failed`: nobody took it.
 * `unknown`: it may have been sent, and is not sent again by itself. `dropped`: too late.
 */
export type DeliveryState = 'queued' | 'sending' | 'accepted' | 'failed' | 'unknown' | 'dropped'

export interface Messaging {
  /** Whether anything is set up that serves the channel (and country, for `sms`). */
  serves(channel: Channel, to?: string): boolean
  /** Records a delivery, its body encrypted, in the caller's transaction. */
  queue(db: Db, delivery: NewDelivery): Promise<void>
  /** Sends a queued delivery. Never throws: what happened is in the record. */
  send(id: string): Promise<void>
  state(id: string): Promise<DeliveryState | null>
  /** Sends what other processes left behind, and drops what came too late. Run it now and then. */
  sweep(): Promise<void>
  close(): Promise<void>
}
