import type { LoggedEvent } from '#src/audit/contract.ts'
import type { NoticeKind } from '#src/messaging/contract.ts'

type Told = Pick<LoggedEvent, 'event' | 'method' | 'result'>

const added = new Map<string | null, NoticeKind>([
  ['totp', 'totp_added'],
  ['passkey', 'passkey_added'],
  ['backup-codes', 'backup_codes_made'],
])

const removed = new Map<string | null, NoticeKind>([
  ['totp', 'totp_removed'],
  ['passkey', 'passkey_removed'],
])

const always = new Map<string | null, NoticeKind>([
  ['password.set', 'password_set'],
  ['password.changed', 'password_set'],
  ['password.reset', 'password_set'],
  ['password.removed', 'password_removed'],
  ['user.password_set', 'password_set'],
  ['user.factors_reset', 'factors_reset'],
  ['factor_reset.requested', 'reset_requested'],
  ['factor_reset.approved', 'reset_approved'],
  ['factor_reset.denied', 'reset_denied'],
  ['factor_reset.completed', 'factors_reset'],
  ['factor.cloned', 'passkey_copied'],
  ['trusted_browser.added', 'browser_trusted'],
  ['sign_in.second_step_failed', 'second_step_failed'],
  ['identifier.added', 'identifier_added'],
  ['identifier.removed', 'identifier_removed'],
  ['identifier.preferred', 'identifier_preferred'],
  ['user.identifier_added', 'identifier_added'],
  ['user.identifier_removed', 'identifier_removed'],
  ['data.exported', 'data_exported'],
  ['account.deletion_requested', 'deletion_requested'],
  ['account.deletion_cancelled', 'deletion_cancelled'],
  ['account.deleted', 'account_deleted'],
  ['user.deleted', 'account_deleted'],
])

/** What the person hears of an event; null for what is no change to how their account is kept safe. */
export const noticeOf = ({ event, method }: Told): NoticeKind | null => {
  if (event === 'factor.added') return added.get(method) ?? null
  if (event === 'factor.removed') return removed.get(method) ?? null
  if (event === 'verification.succeeded' && method === 'backup-code') return 'backup_code_used'
  return always.get(event) ?? null
}

/** Why a try was wrong, and not merely late, sent twice or out of reach. */
export const wrongResults: readonly string[] = [
  'incorrect_code',
  'incorrect_password',
  'incorrect_backup_code',
  'too_many_tries',
  'locked',
]

/** After how many wrong tries behind a first step that was right the person hears of it. */
export const wrongTries = 5

export const isWrongTry = ({ event, result }: Told): boolean =>
  event === 'verification.failed' && wrongResults.includes(result ?? '')

/** Where an address may be gone that has to hear of it. */
export const reachesFormer = (notice: NoticeKind): boolean =>
  notice === 'identifier_removed' || notice === 'account_deleted'
