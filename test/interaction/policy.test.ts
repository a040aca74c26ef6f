import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Facts, nextStep } from '#src/interaction/policy.ts'
import { all, email, nobody, proven, user, username, words } from './facts.ts'

const off = { afterPassword: 'off', afterPasswordless: 'off' } as const
const always = { afterPassword: 'required', afterPasswordless: 'required' } as const
const reset = { intent: 'reset', firstWays: all('sms-code') } as const
const emailed = { identifier: email, firstWays: all('email-link', 'password') } as const

const table: [string, Partial<Facts>, string][] = [
  // Who is it?
  ['who arrives says who they are', { identifier: null }, 'identify'],
  ['consent is asked for alone', { prompt: 'consent', proofs: proven('sms-code') }, 'consent'],
  ['an account is chosen', { prompt: 'select_account', identifier: null }, 'choose-account'],
  ['a chosen account proves itself', { prompt: 'select_account' }, 'first sms-code password'],
  ['what nobody can reach ends it', { wantsTheImpossible: true, identifier: null }, 'unmet'],
  ['a blocked person goes no further', { user: { ...user(), blocked: true } }, 'blocked'],

  // The first proof
  ['the first way of the list comes first', {}, 'first sms-code password'],
  ['the way that was asked for comes first', { chosen: 'password' }, 'first password sms-code'],
  ['what is not on offer is not shown', { chosen: 'totp' }, 'first sms-code password'],
  ['a new account has no password yet', { intent: 'create' }, 'first sms-code'],
  ['a known one has', { intent: 'create', user: user('password') }, 'first sms-code password'],
  [
    'registration is closed: all have the same ways',
    { intent: 'create', registration: 'closed' },
    'first sms-code password',
  ],
  [
    'a password resets no password',
    { ...reset, firstWays: all('sms-code', 'password') },
    'first sms-code',
  ],
  ['nothing can be sent there', { ...reset, firstWays: [] }, 'identify'],

  // Registration
  ['a new person completes the account', { proofs: proven('sms-code') }, 'profile name'],
  ['nothing is asked for', { proofs: proven('sms-code'), profile: [] }, 'profile'],
  [
    'registration is closed, and there is no account',
    { proofs: proven('sms-code'), registration: 'closed' },
    'blocked',
  ],
  [
    'a username proves nothing: its account is made first, with a password',
    { intent: 'create', identifier: username, firstWays: all('password') },
    'profile name password',
  ],
  [
    'the username is not asked for twice',
    { intent: 'create', identifier: username, profile: ['username', 'password'] },
    'profile password',
  ],
  [
    'a username that signs in is asked for its password, whoever it is',
    { identifier: username, firstWays: all('password') },
    'first password',
  ],
  [
    'after a password was set, the authenticator app is set up',
    { identifier: username, intent: 'create', done: ['created'], user: user('password') },
    'enroll-totp',
  ],
  [
    'where no second factor is wanted, the new password is typed',
    {
      identifier: username,
      intent: 'create',
      done: ['created'],
      user: user('password'),
      firstWays: all('password'),
      mfa: off,
    },
    'first password',
  ],

  // The second factor
  ['a code is enough', { proofs: proven('sms-code'), user: user('sms-code') }, 'finish'],
  [
    'a code is enough, though there is a password',
    { proofs: proven('sms-code'), user: user('sms-code', 'password') },
    'finish',
  ],
  [
    'whoever has an authenticator app is asked for it',
    { proofs: proven('sms-code'), user: user('totp', 'sms-code', 'password', 'backup-code') },
    'then totp backup-code',
  ],
  [
    'a password is followed by what the account has',
    { proofs: proven('password'), user: user('totp', 'sms-code', 'email-code', 'password') },
    'then totp sms-code email-code',
  ],
  [
    'another way was asked for',
    { proofs: proven('password'), user: user('totp', 'sms-code', 'password'), chosen: 'sms-code' },
    'then sms-code totp',
  ],
  [
    'a password alone is not enough',
    { proofs: proven('password'), user: user('password') },
    'enroll-totp',
  ],
  [
    'where it is turned off, it is',
    { proofs: proven('password'), user: user('password'), mfa: off },
    'finish',
  ],
  [
    'password and email pass',
    { proofs: proven('password', 'email-code'), user: user('email-code', 'password') },
    'finish',
  ],
  [
    'a link and a code of one channel are one way',
    { ...emailed, proofs: proven('email-link'), user: user('email-code', 'password'), mfa: always },
    'enroll-totp',
  ],
  [
    'two messages over two channels pass',
    { proofs: proven('sms-code', 'email-code'), user: user('sms-code', 'email-code'), mfa: always },
    'finish',
  ],
  [
    'a backup code stands in for the authenticator app',
    { proofs: proven('password', 'backup-code'), user: user('totp', 'password', 'backup-code') },
    'finish',
  ],
  [
    'an app that was set up just now shows its backup codes',
    { proofs: proven('totp'), user: user('totp', 'password'), done: ['created', 'totp'] },
    'backup-codes',
  ],
  [
    'and is not asked for once more',
    { proofs: proven('totp'), user: user('totp', 'password'), done: ['totp', 'backup-codes'] },
    'finish',
  ],
  [
    'to have set one up counts for nothing without its code',
    {
      proofs: proven('password'),
      user: user('totp', 'password'),
      done: ['totp', 'backup-codes'],
    },
    'then totp',
  ],

  // Two kinds are asked for
  [
    'a step up asks for the other kind only',
    { proofs: proven('sms-code'), user: user('totp', 'sms-code', 'password'), wantsTwoKinds: true },
    'then password',
  ],
  [
    'from a password to what one has; an email is no kind',
    {
      proofs: proven('password'),
      user: user('sms-code', 'email-code', 'password'),
      wantsTwoKinds: true,
    },
    'then sms-code',
  ],
  [
    'two kinds are there',
    {
      proofs: proven('sms-code', 'password'),
      user: user('sms-code', 'password'),
      wantsTwoKinds: true,
    },
    'finish',
  ],
  [
    'two of one kind are not two kinds',
    {
      proofs: proven('sms-code', 'totp'),
      user: user('totp', 'sms-code', 'password'),
      wantsTwoKinds: true,
    },
    'then password',
  ],
  [
    'a phone without a password gets one',
    { proofs: proven('sms-code'), user: user('sms-code'), wantsTwoKinds: true },
    'new-password second-factor',
  ],
  [
    'an address without anything gets an authenticator app first',
    { ...emailed, proofs: proven('email-link'), user: user('email-code'), wantsTwoKinds: true },
    'enroll-totp',
  ],
  [
    'whoever adds an authenticator app has shown more than the password, if there is more',
    { proofs: proven('password'), user: user('email-code', 'password'), wantsTwoKinds: true },
    'then email-code',
  ],
  [
    'and then adds it',
    {
      proofs: proven('password', 'email-code'),
      user: user('email-code', 'password'),
      wantsTwoKinds: true,
    },
    'enroll-totp',
  ],

  // A forgotten password
  [
    'a reset sets a password',
    { ...reset, proofs: proven('sms-code'), user: user('sms-code', 'password') },
    'new-password reset',
  ],
  [
    'not without the second factor',
    { ...reset, proofs: proven('sms-code'), user: user('totp', 'sms-code', 'password') },
    'then totp',
  ],
  [
    'for which the phone that was just used does not count',
    { ...reset, proofs: proven('sms-code'), user: user('sms-code', 'email-code', 'password') },
    'then email-code',
  ],
  [
    'whoever can only sign in with password and second factor sets one up',
    {
      ...reset,
      proofs: proven('sms-code'),
      user: user('sms-code', 'password'),
      passwordless: false,
    },
    'enroll-totp',
  ],
  [
    'unless no second factor is wanted',
    {
      ...reset,
      proofs: proven('sms-code'),
      user: user('sms-code', 'email-code', 'password'),
      mfa: off,
    },
    'new-password reset',
  ],
  [
    'and then it is over',
    {
      ...reset,
      proofs: proven('sms-code'),
      user: user('sms-code', 'password'),
      done: ['new-password'],
    },
    'finish',
  ],
]

for (const [name, some, expected] of table) {
  test(`next step: ${name}`, () => assert.equal(words(nextStep({ ...nobody, ...some })), expected))
}
