import type { Channel, UsageType } from '#connectors/contract.ts'
import type { Db } from '#src/db/contract.ts'
import type { Identifier, IdentifierType } from '#src/users/contract.ts'

const methodIds = [
  'sms-code',
  'sms-link',
  'email-code',
  'email-link',
  'password',
  'totp',
  'backup-code',
  'passkey',
] as const

export type MethodId = (typeof methodIds)[number]

/** What events name: methods, and backup codes as a whole. There are words for each. */
export const eventMethods: readonly string[] = [...methodIds, 'backup-codes']

/**
 * What a method proves. Email is no kind (NIST SP 800-63B-4 §3.1.3.1): `null`. A passkey is always
 * possession; `inherence` says that it has verified its owner as well.
 */
export type FactorKind = 'knowledge' | 'possession' | 'inherence'

/** A proven fact about who is at the keyboard. An interaction collects these. */
export interface Verification {
  method: MethodId
  kind: FactorKind | null
  channel: Channel | null
  /** What was proven to be theirs, for methods that send something. */
  identifier: Identifier | null
  /** Known for methods that start from a user; found from the identifier otherwise. */
  userId: string | null
  /** RFC 8176 values, and `email`. */
  amr: readonly string[]
  at: Date
  /** The message that was answered, and how long before it was asked for; for the audit log. */
  message?: { id: string; ageMs: number }
}

/**
 * What another browser has done with the link of a message: `approved` with the number of the first, `denied`,
 * failed to name that number (`exhausted`), or gone on by itself (`elsewhere`).
 */
export type Handover = 'approved' | 'denied' | 'exhausted' | 'elsewhere'

/** Whose proof is asked for, where and why. */
export interface Who {
  interactionUid: string
  clientId: string
  applicationName: string
  /** Keyed hash of this browser's cookie. */
  browser: string
  /** Where the message goes, or what the password belongs to. */
  identifier: Identifier | null
  userId: string | null
  usageType: UsageType
  locale: string
  /** True: nothing may be sent, yet all looks the same (unknown identifier, registration closed). */
  decoy: boolean
}

/**
 * What is to be remembered in the transaction that opens a challenge: which message is on its way,
 * null for a decoy.
 */
export type Remember = (tx: Db, deliveryId: string | null) => Promise<void>

/** One way to prove who you are. */
export interface Method {
  id: MethodId
  kind: FactorKind | null
  channel: Channel | null
  amr: readonly string[]
  /** Identifiers it can begin a sign-in from; empty for methods that need a known user. */
  accepts: readonly IdentifierType[]
  /** Opens a challenge, for methods that have to send something first. */
  start?(who: Who, remember: Remember): Promise<void>
  /** Returns the proof, or throws a `Problem`. The try has been counted already. */
  verify(who: Who, answer: string): Promise<Verification>
}
