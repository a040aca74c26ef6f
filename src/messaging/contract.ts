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
  /** For a notice: which change it tells of, as in the words `messages.change.*`. */
  notice?: NoticeKind
}

/** Changes that every address of the person hears of. */
export const noticeKinds = [
  'password_set',
  'password_removed',
  'totp_added',
  'totp_removed',
  'backup_codes_made',
  'backup_code_used',
  'passkey_added',
  'passkey_removed',
  'passkey_copied',
  'browser_trusted',
  'second_step_failed',
  'identifier_added',
  'identifier_removed',
  'identifier_preferred',
  'factors_reset',
  'reset_requested',
  'reset_approved',
  'reset_denied',
  'data_exported',
  'deletion_requested',
  'deletion_cancelled',
  'account_deleted',
] as const
export type NoticeKind = (typeof noticeKinds)[number]

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
