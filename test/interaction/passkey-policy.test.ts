import assert from 'node:assert/strict'
import { test } from 'node:test'
import { otherEnrolment } from '#src/interaction/enrolment.ts'
import { type Facts, nextStep, type Step } from '#src/interaction/policy.ts'
import { nobody, proven, user, words } from './facts.ts'

const always = { afterPassword: 'required', afterPasswordless: 'required' } as const

const table: [string, Partial<Facts>, string][] = [
  [
    'a passkey that verifies its owner is two factors at once',
    { proofs: proven('passkey'), user: user('passkey', 'email-code'), mfa: always },
    'finish',
  ],
  [
    'one that does not is one of them',
    {
      proofs: [{ ...proven('passkey')[0]! }],
      user: user('passkey', 'email-code'),
      wantsTwoKinds: true,
    },
    'then email-code',
  ],
  [
    'a passkey is the strongest second factor',
    { proofs: proven('password'), user: user('passkey', 'totp', 'sms-code', 'password') },
    'then passkey totp sms-code',
  ],
  [
    'it asks nobody for more who comes by message and may not have it at hand',
    { proofs: proven('email-code'), user: user('passkey', 'email-code') },
    'finish',
  ],
  [
    'but whoever comes with a password is asked for it',
    {
      proofs: proven('password'),
      user: user('passkey', 'password'),
      mfa: { afterPassword: 'when_enrolled', afterPasswordless: 'when_enrolled' },
    },
    'then passkey',
  ],
  [
    'an application that wants a passkey gets nothing less',
    {
      proofs: proven('password', 'totp'),
      user: user('passkey', 'totp', 'password'),
      wantsTwoKinds: true,
      wantsPasskey: true,
    },
    'then passkey',
  ],
  [
    'whoever has none first shows as much as the account can ask for',
    {
      proofs: proven('email-code'),
      user: user('totp', 'email-code'),
      wantsTwoKinds: true,
      wantsPasskey: true,
    },
    'then totp',
  ],
  [
    'and then makes one',
    {
      proofs: proven('email-code', 'totp'),
      user: user('totp', 'email-code'),
      wantsTwoKinds: true,
      wantsPasskey: true,
    },
    'enroll-passkey',
  ],
  [
    'which is enough',
    { proofs: proven('passkey'), user: user('passkey'), wantsTwoKinds: true, wantsPasskey: true },
    'finish',
  ],
  [
    'whoever is signed in and has to show two kinds anew may do so with a passkey at once',
    { user: user('passkey', 'sms-code'), wantsTwoKinds: true },
    'then passkey sms-code password',
  ],
  [
    'where a passkey is wanted, with nothing else',
    { user: user('passkey', 'sms-code'), wantsTwoKinds: true, wantsPasskey: true },
    'then passkey',
  ],
  [
    'instead of an authenticator app it may be a passkey',
    { proofs: proven('password'), user: user('password'), chosen: 'passkey' },
    'enroll-passkey',
  ],
  [
    'and instead of a password as well',
    { proofs: proven('sms-code'), user: user('sms-code'), wantsTwoKinds: true, chosen: 'passkey' },
    'enroll-passkey',
  ],
  [
    'unless there are none here',
    { proofs: proven('password'), user: user('password'), chosen: 'passkey', passkeys: false },
    'enroll-totp',
  ],
  [
    'after everything else a passkey is offered',
    { proofs: proven('sms-code'), user: user('sms-code'), offersPasskey: true },
    'offer-passkey',
  ],
  [
    'once',
    {
      proofs: proven('sms-code'),
      user: user('sms-code'),
      offersPasskey: true,
      done: ['passkey-offer'],
    },
    'finish',
  ],
  [
    'and not in the middle of it',
    { proofs: proven('password'), user: user('totp', 'password'), offersPasskey: true },
    'then totp',
  ],
]

for (const [name, facts, expected] of table) {
  test(name, () => assert.equal(words(nextStep({ ...nobody, ...facts })), expected))
}

test('whoever sets something up may set up something else', () => {
  const facts = { ...nobody, proofs: proven('password'), user: user('password') }
  const other = (more: Partial<Facts>, step: Step) => otherEnrolment({ ...facts, ...more }, step)
  assert.equal(other({}, { kind: 'enroll-totp' }), 'passkey')
  assert.equal(other({ passkeys: false }, { kind: 'enroll-totp' }), null)
  assert.equal(other({}, { kind: 'new-password', reason: 'second-factor' }), 'passkey')
  assert.equal(other({}, { kind: 'new-password', reason: 'reset' }), null, 'a reset is one')
  assert.equal(other({}, { kind: 'enroll-passkey' }), 'totp')
  assert.equal(other({ proofs: proven('sms-code') }, { kind: 'enroll-passkey' }), 'password')
  assert.equal(other({ wantsPasskey: true }, { kind: 'enroll-passkey' }), null, 'nothing else does')
})
