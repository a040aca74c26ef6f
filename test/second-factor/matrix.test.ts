/**
 * First factor × what is set up × policy × what the relying party asks. To extend it, add rows.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorOf } from '../flows/site.ts'
import { aal2, type Client, check, clients, essential, partyOf, row, site } from './matrix.ts'

check([
  // A code, and what follows it
  row('email', 'email-code', 'shop', 'email-code', 'email otp', 'aal1'),
  row('phone', 'sms-code', 'shop', 'sms-code', 'otp sms', 'aal1'),
  row('email password', 'email-code', 'shop', 'email-code', 'email otp', 'aal1'),
  row('email totp', 'email-code', 'shop', 'email-code totp', 'email otp', 'aal1'),
  row('phone totp', 'sms-code', 'shop', 'sms-code totp', 'otp sms', 'aal1'),
  row('email phone', 'email-code', 'enrolled', 'email-code', 'email otp', 'aal1'),
  row('email totp', 'email-code', 'enrolled', 'email-code totp', 'email otp', 'aal1'),
  row('email phone', 'email-code', 'required', 'email-code sms-code', 'email otp sms', 'aal1'),
  row('email phone', 'sms-code', 'required', 'sms-code email-code', 'email otp sms', 'aal1'),
  row('email', 'email-code', 'required', 'email-code enrol-totp backup-codes', 'email otp', 'aal1'),
  row('email totp', 'email-code', 'off', 'email-code', 'email otp', 'aal1'),

  // A password, and what follows it
  row('email password', 'password', 'shop', 'password email-code', 'email otp pwd', 'aal1'),
  row('email password totp', 'password', 'shop', 'password totp', 'mfa otp pwd', 'aal2'),
  row('phone password', 'password', 'shop', 'password sms-code', 'mfa otp pwd sms', 'aal2'),
  row('username password totp', 'password', 'shop', 'password totp', 'mfa otp pwd', 'aal2'),
  row(
    'username password',
    'password',
    'shop',
    'password enrol-totp backup-codes',
    'mfa otp pwd',
    'aal2',
  ),
  row('email password', 'password', 'enrolled', 'password', 'pwd', 'aal1'),
  row('email password totp', 'password', 'enrolled', 'password totp', 'mfa otp pwd', 'aal2'),
  row('email password', 'password', 'off', 'password', 'pwd', 'aal1'),
  row('email password totp', 'password', 'off', 'password', 'pwd', 'aal1'),

  // Two kinds are asked for
  row('phone password', 'sms-code', 'shop', 'sms-code password', 'mfa otp pwd sms', 'aal2', {
    ask: aal2,
  }),
  row('email password totp', 'password', 'off', 'password totp', 'mfa otp pwd', 'aal2', {
    ask: aal2,
  }),
  row('email password totp', 'password', 'off', 'password totp', 'mfa otp pwd', 'aal2', {
    ask: essential,
  }),
  row(
    'email password totp',
    'email-code',
    'shop',
    'email-code totp password',
    'email mfa otp pwd',
    'aal2',
    { ask: aal2 },
  ),
  row(
    'email totp',
    'email-code',
    'shop',
    'email-code totp new-password password',
    'email mfa otp pwd',
    'aal2',
    { ask: aal2 },
  ),
  row(
    'email password',
    'password',
    'off',
    'password email-code enrol-totp backup-codes',
    'email mfa otp pwd',
    'aal2',
    { ask: aal2 },
  ),
  row('phone', 'sms-code', 'shop', 'sms-code new-password password', 'mfa otp pwd sms', 'aal2', {
    ask: aal2,
  }),
  row('email', 'email-code', 'shop', 'email-code', 'email otp', 'aal1', {
    ask: { acr_values: 'aal1' },
  }),
  row('email', 'email-code', 'shop', 'email-code', 'email otp', 'aal1', {
    ask: { acr_values: 'urn:unknown' },
  }),
  row('email password totp', 'password', 'vault', 'password totp', 'mfa otp pwd', 'aal2'),
  row(
    'phone password totp',
    'sms-code',
    'vault',
    'sms-code totp password',
    'mfa otp pwd sms',
    'aal2',
  ),

  // Somebody is signed in
  row('phone password', 'sms-code', 'shop', '', 'otp sms', 'aal1', {
    earlier: { first: 'sms-code', at: 'shop' },
  }),
  row('phone password', 'sms-code', 'shop', 'password', 'mfa otp pwd sms', 'aal2', {
    earlier: { first: 'sms-code', at: 'shop' },
    ask: aal2,
  }),
  row('phone password', 'sms-code', 'shop', 'sms-code', 'otp sms', 'aal1', {
    earlier: { first: 'sms-code', at: 'shop' },
    ask: { prompt: 'login' },
  }),
  row('phone password', 'password', 'shop', 'password sms-code', 'mfa otp pwd sms', 'aal2', {
    earlier: { first: 'sms-code', at: 'shop' },
    ask: { max_age: '0' },
  }),
  row('phone password', 'sms-code', 'shop', '', 'otp sms', 'aal1', {
    earlier: { first: 'sms-code', at: 'shop' },
    ask: { max_age: '1000' },
  }),
  row('email password', 'password', 'shop', 'email-code', 'email otp pwd', 'aal1', {
    earlier: { first: 'password', at: 'off' },
  }),
  row('email password', 'password', 'off', '', 'pwd', 'aal1', {
    earlier: { first: 'password', at: 'off' },
  }),
  row('email totp', 'email-code', 'enrolled', 'totp', 'email otp', 'aal1', {
    earlier: { first: 'email-code', at: 'off' },
  }),
  row('email phone', 'email-code', 'required', 'sms-code', 'email otp sms', 'aal1', {
    earlier: { first: 'email-code', at: 'shop' },
  }),
  row('email password totp', 'password', 'vault', '', 'mfa otp pwd', 'aal2', {
    earlier: { first: 'password', at: 'shop' },
  }),
  row('email password totp', 'password', 'vault', 'password totp', 'mfa otp pwd', 'aal2', {
    earlier: { first: 'password', at: 'shop' },
    ask: { prompt: 'login' },
  }),
])

test('what nobody here can reach is said at once, whoever they are', async () => {
  for (const at of Object.keys(clients) as Client[]) {
    const claims = JSON.stringify({ id_token: { acr: { essential: true, value: 'urn:unknown' } } })
    const arrival = await site.arrive({ claims }, { party: partyOf(at) })
    const { person } = arrival
    if (person.here().left) {
      assert.equal(errorOf(person.here()), 'unmet_authentication_requirements')
      continue
    }
    const member = await site.member(['email'])
    await person.submit('identify', { identifier: member.email! })
    assert.equal(person.here().status < 500, true)
  }
})
