import type { Identifier } from '#src/users/contract.ts'
import type { MethodId, Verification } from '#src/verification/contract.ts'

export type Intent = 'sign-in' | 'create' | 'reset'

export const readIntent = (value: unknown): Intent | null =>
  value === 'sign-in' || value === 'create' || value === 'reset' ? value : null

/** Things that are done once in a sign-in. */
export type Mark =
  | 'account'
  | 'created'
  | 'new-password'
  | 'totp'
  | 'backup-codes'
  | 'passkey'
  | 'passkey-offer'
  | 'trust'
  | Ability

/** What a script has found that this browser can do: make a passkey, and make one without asking. */
export type Ability = 'can-passkey' | 'can-passkey-quietly'

/** As the field `passkey_support` tells; whoever has no script tells nothing. */
export const readAbilities = (support: string): Ability[] => {
  const words = support.split(' ')
  return [
    ...(words.includes('ask') ? ['can-passkey' as const] : []),
    ...(words.includes('quiet') ? ['can-passkey-quietly' as const] : []),
  ]
}

/** What nobody else may read while the sign-in lasts. */
export interface Pending {
  /** Base32; not yet confirmed. */
  totpSecret?: string
  /** Made with the secret; shown once that is confirmed, until they are saved. */
  backupCodes?: readonly string[]
}

/** One sign-in so far. */
export interface SignIn {
  uid: string
  clientId: string | null
  /** Keyed hash of the browser's cookie. */
  browser: Buffer
  intent: Intent
  identifier: Identifier | null
  method: MethodId | null
  userId: string | null
  /** There was an account when the identifier was given: for the words of the message alone. */
  known: boolean
  decoy: boolean
  locale: string | null
  pending: Pending
  deliveryId: string | null
  /** Seconds until another message may be asked for. */
  resendAfterSeconds: number
  agent: string | null
  /** By the clock of the database. */
  startedAt: Date
  done: readonly Mark[]
  verifications: readonly Verification[]
}
