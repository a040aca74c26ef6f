/** How sign-ins and proofs lie in the database. */
import type { Identifier, IdentifierType } from '#src/users/contract.ts'
import type { FactorKind, MethodId, Verification } from '#src/verification/contract.ts'
import type { Intent, Mark } from './sign-in.ts'

interface VerificationRow {
  method: MethodId
  kind: FactorKind | null
  channel: Verification['channel']
  identifier_type: IdentifierType | null
  identifier_value: string | null
  identifier_display: string | null
  user_id: string | null
  amr: string[]
  at: string
}

export interface SignInRow {
  uid: string
  client_id: string | null
  browser: Buffer
  intent: Intent
  identifier_type: IdentifierType | null
  identifier_value: string | null
  identifier_display: string | null
  method: MethodId | null
  user_id: string | null
  known: boolean
  decoy: boolean
  locale: string | null
  pending: Buffer | null
  delivery_id: string | null
  resend_after: number
  agent: string | null
  created_at: Date
  done: Mark[]
  verifications: VerificationRow[]
}

export const toIdentifier = (row: {
  identifier_type: IdentifierType | null
  identifier_value: string | null
  identifier_display: string | null
}): Identifier | null =>
  row.identifier_type && row.identifier_value
    ? {
        type: row.identifier_type,
        value: row.identifier_value,
        display: row.identifier_display ?? row.identifier_value,
      }
    : null

export const toVerification = (row: VerificationRow): Verification => ({
  method: row.method,
  kind: row.kind,
  channel: row.channel,
  identifier: toIdentifier(row),
  userId: row.user_id,
  amr: row.amr,
  at: new Date(row.at),
})
