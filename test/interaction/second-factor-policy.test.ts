import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Facts, nextStep } from '#src/interaction/policy.ts'
import type { SecondFactorPolicy } from '#src/settings/contract.ts'
import type { MethodId } from '#src/verification/contract.ts'
import {
  lacksSecondFactor,
  type SecondFactorRules,
  secondFactorRules,
} from '#src/verification/index.ts'
import { all, nobody, proven, user, words } from './facts.ts'

const always = { afterPassword: 'required', afterPasswordless: 'required' } as const
const usual = { afterPassword: 'required', afterPasswordless: 'when_enrolled' } as const
const never = { afterPassword: 'off', afterPasswordless: 'off' } as const
const reset = { intent: 'reset', firstWays: all('sms-code') } as const
const away = (...methods: MethodId[]) => ({ ...user(...methods), idleLong: true })
const naming = (...methods: MethodId[]) => ({ ways: all(...methods), enrol: null })

const table: [string, Partial<Facts>, string][] = [
  // A trusted browser
  [
    'a browser that is trusted is not asked for the second factor',
    { proofs: proven('password'), user: user('totp', 'password'), trusted: true },
    'finish',
  ],
  [
    'nor for one that everybody has to have',
    { proofs: proven('sms-code'), user: user('sms-code'), mfa: always, trusted: true },
    'finish',
  ],
  [
    'it counts for nobody who has proven nothing',
    { user: user('totp', 'sms-code', 'password'), trusted: true },
    'first sms-code password',
  ],
  [
    'it is no second kind of factor',
    {
      proofs: proven('password'),
      user: user('totp', 'password'),
      trusted: true,
      wantsTwoKinds: true,
    },
    'then totp',
  ],
  [
    'it resets no password',
    { ...reset, proofs: proven('sms-code'), user: user('totp', 'sms-code'), trusted: true },
    'then totp',
  ],

  // A number that may be somebody else's by now
  ...(['totp', 'email-code', 'password', 'passkey', 'backup-code'] as const).map(
    (method): [string, Partial<Facts>, string] => [
      `whoever was long away, and comes by text message, shows more: ${method}`,
      { proofs: proven('sms-code'), user: away('sms-code', method), mfa: never },
      `then ${method}`,
    ],
  ),
  [
    'by a link in a text message as well',
    { proofs: proven('sms-link'), user: away('sms-code', 'email-code'), mfa: never },
    'then email-code',
  ],
  [
    'a trusted browser shows nothing of it',
    { proofs: proven('sms-code'), user: away('sms-code', 'totp'), trusted: true },
    'then totp',
  ],
  [
    'whoever has nothing else comes in',
    { proofs: proven('sms-code'), user: away('sms-code'), mfa: never },
    'finish',
  ],
  [
    'whoever has shown more too',
    { proofs: proven('sms-code', 'email-code'), user: away('sms-code', 'email-code'), mfa: never },
    'finish',
  ],
  [
    'an address is not given to somebody else',
    { proofs: proven('email-code'), user: away('sms-code', 'email-code'), mfa: never },
    'finish',
  ],
  [
    'a reset asks for the passkey that would follow the password',
    {
      ...reset,
      passwordless: false,
      proofs: proven('sms-code'),
      user: user('sms-code', 'password', 'passkey'),
      mfa: { afterPassword: 'when_enrolled', afterPasswordless: 'off' },
    },
    'then passkey',
  ],
  [
    'a reset by text message asks for what is not forgotten',
    {
      ...reset,
      proofs: proven('sms-code'),
      user: away('sms-code', 'password', 'email-code'),
      mfa: never,
    },
    'then email-code',
  ],
  [
    'and where there is nothing of the kind, for the new password',
    { ...reset, proofs: proven('sms-code'), user: away('sms-code', 'password'), mfa: never },
    'new-password reset',
  ],

  // A factor that is named
  [
    'a password that is named is asked for, though the app was just used',
    { proofs: proven('totp'), user: user('totp', 'password'), named: naming('password') },
    'then password',
  ],
  [
    'and asked for again where it is too old',
    {
      proofs: proven('password', 'totp'),
      user: user('totp', 'password'),
      named: naming('password'),
    },
    'then password',
  ],
  [
    'whoever has none is offered one, once what they have was shown',
    {
      proofs: proven('sms-code'),
      user: user('totp', 'sms-code'),
      named: { ways: [], enrol: 'password' },
    },
    'then totp',
  ],
  [
    'and then sets it',
    {
      proofs: proven('sms-code', 'totp'),
      user: user('totp', 'sms-code'),
      named: { ways: [], enrol: 'password' },
    },
    'new-password second-factor',
  ],
  [
    'an authenticator app that is named is set up',
    { proofs: proven('password'), user: user('password'), named: { ways: [], enrol: 'totp' } },
    'enroll-totp',
  ],
  [
    'what can not be had is unmet',
    { proofs: proven('password'), user: user('password'), named: { ways: [], enrol: null } },
    'unmet',
  ],
]

for (const [name, some, expected] of table) {
  test(`next step: ${name}`, () => assert.equal(words(nextStep({ ...nobody, ...some })), expected))
}

test('a browser may be trusted exactly where the policy alone asks', () => {
  const offers = (some: Partial<Facts>) => {
    const step = nextStep({ ...nobody, user: user('totp', 'sms-code', 'password'), ...some })
    assert.equal(step.kind, 'verify')
    return step.kind === 'verify' && step.mayTrust
  }
  assert.equal(offers({ proofs: proven('password') }), true)
  assert.equal(offers({ proofs: proven('sms-code') }), true)
  assert.equal(offers({}), false, 'a first factor is always asked for')
  assert.equal(offers({ proofs: proven('password'), wantsTwoKinds: true }), false)
  assert.equal(offers({ proofs: proven('totp'), named: naming('password') }), false)
  assert.equal(offers({ ...reset, proofs: proven('sms-code') }), false)
})

const policies: readonly (SecondFactorPolicy | null)[] = ['required', 'when_enrolled', 'off', null]

test('a role comes before what the application says, and that before what holds everywhere', () => {
  for (const client of policies) {
    for (const everywhere of [always, usual, never]) {
      const mfa = { ...everywhere, roles: ['owner', 'clerk'] }
      const held = client ? { afterPassword: client, afterPasswordless: client } : everywhere
      assert.deepEqual(secondFactorRules(mfa, client, ['clerk']), always)
      assert.deepEqual(secondFactorRules(mfa, client, ['guest', 'owner']), always)
      assert.deepEqual(secondFactorRules(mfa, client, ['guest']), held)
      assert.deepEqual(secondFactorRules(mfa, client, []), held)
    }
  }
})

const enrolled = { afterPassword: 'when_enrolled', afterPasswordless: 'when_enrolled' } as const

const sessions: [MethodId[], SecondFactorRules, '' | 'totp' | 'passkey', boolean][] = [
  [[], always, 'totp', false],
  [['password'], always, '', true],
  [['password'], usual, '', true],
  [['password'], never, 'totp', false],
  [['password'], enrolled, '', false],
  [['password'], enrolled, 'totp', true],
  [['password'], enrolled, 'passkey', true],
  [['sms-code'], always, '', true],
  [['sms-code'], usual, '', false],
  [['sms-code'], usual, 'totp', true],
  [['sms-code'], enrolled, 'passkey', false],
  [['email-link'], usual, 'totp', true],
  [['sms-code', 'sms-link'], always, 'totp', true],
  [['email-link', 'email-code'], always, 'totp', true],
  [['password', 'email-code'], always, 'totp', false],
  [['sms-code', 'email-code'], always, 'totp', false],
  [['email-code', 'totp'], always, 'totp', false],
  [['totp'], always, 'totp', false],
  [['password', 'backup-code'], always, 'totp', false],
  [['password', 'passkey'], always, 'passkey', false],
]

for (const [methods, rules, has, lacks] of sessions) {
  const name = `${methods.join(' and ') || 'nothing'}${has ? `, with a ${has}` : ''}`
  const setUp = { totp: has === 'totp', passkey: has === 'passkey' }
  test(`a session of ${name} ${lacks ? 'lacks' : 'has'} what ${rules.afterPassword}/${rules.afterPasswordless} asks for`, () =>
    assert.equal(lacksSecondFactor(proven(...methods), rules, setUp), lacks))
}
