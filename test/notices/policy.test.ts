import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NoticeKind } from '#src/messaging/contract.ts'
import { noticeOf, reachesFormer } from '#src/notices/policy.ts'

const cases: readonly [event: string, method: string | null, told: NoticeKind | null][] = [
  ['password.set', null, 'password_set'],
  ['password.changed', null, 'password_set'],
  ['password.reset', null, 'password_set'],
  ['password.removed', null, 'password_removed'],
  ['user.password_set', 'password', 'password_set'],
  ['factor.added', 'totp', 'totp_added'],
  ['factor.added', 'passkey', 'passkey_added'],
  ['factor.added', 'backup-codes', 'backup_codes_made'],
  ['factor.removed', 'totp', 'totp_removed'],
  ['factor.removed', 'passkey', 'passkey_removed'],
  ['verification.succeeded', 'backup-code', 'backup_code_used'],
  ['verification.succeeded', 'totp', null],
  ['identifier.added', null, 'identifier_added'],
  ['user.identifier_removed', null, 'identifier_removed'],
  ['identifier.preferred', null, 'identifier_preferred'],
  ['user.factors_reset', null, 'factors_reset'],
  ['factor_reset.requested', null, 'reset_requested'],
  ['factor_reset.approved', null, 'reset_approved'],
  ['factor_reset.denied', null, 'reset_denied'],
  ['factor_reset.completed', null, 'factors_reset'],
  ['factor_reset.cancelled', null, null],
  ['factor.cloned', 'passkey', 'passkey_copied'],
  ['trusted_browser.added', null, 'browser_trusted'],
  ['sign_in.second_step_failed', null, 'second_step_failed'],
  ['verification.failed', 'totp', null],
  ['data.exported', null, 'data_exported'],
  ['account.deletion_requested', null, 'deletion_requested'],
  ['account.deletion_cancelled', null, 'deletion_cancelled'],
  ['user.deleted', null, 'account_deleted'],
  ['sign_in.completed', 'email-code', null],
  ['admin.owner_claimed', null, null],
  ['toString', null, null],
  ['factor.added', 'constructor', null],
]

for (const [event, method, told] of cases) {
  test(`${event}${method ? ` (${method})` : ''} tells ${told ?? 'nobody'}`, () => {
    assert.equal(noticeOf({ event, method, result: null }), told)
  })
}

test('only what takes an address away is told at an address that is gone', () => {
  assert.equal(reachesFormer('identifier_removed'), true)
  assert.equal(reachesFormer('password_set'), false)
})
