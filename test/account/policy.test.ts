import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  canComeBack,
  checklist,
  freshSeconds,
  keepsBackupCodes,
  neededFor,
  type Offered,
  reachableAcr,
  type Ways,
  waysIn,
} from '#src/account/policy.ts'

const nothing: Ways = {
  identifiers: [],
  password: false,
  totp: false,
  backupCodes: 0,
  passkeys: 0,
}
const email = { type: 'email', verified: true } as const
const phone = { type: 'phone', verified: true } as const
const username = { type: 'username', verified: true } as const
const unproven = { type: 'email', verified: false } as const

const everything: Offered = {
  identifiers: ['email', 'phone', 'username'],
  methods: ['email-link', 'email-code', 'sms-code', 'sms-link', 'password', 'passkey'],
}

test('somebody can come back as long as one way to sign in is left', () => {
  const cases: [string, Partial<Ways>, Offered, boolean][] = [
    ['nothing at all', {}, everything, false],
    ['an email address', { identifiers: [email] }, everything, true],
    ['a phone number', { identifiers: [phone] }, everything, true],
    ['an address that nobody has proven', { identifiers: [unproven] }, everything, false],
    ['a username alone', { identifiers: [username] }, everything, false],
    ['a username and a password', { identifiers: [username], password: true }, everything, true],
    ['a password without a name for it', { password: true }, everything, false],
    [
      'an unproven address and a password',
      { identifiers: [unproven], password: true },
      everything,
      false,
    ],
    ['a passkey of nobody', { passkeys: 1 }, everything, false],
    ['a username and a passkey', { identifiers: [username], passkeys: 1 }, everything, true],
    [
      'an authenticator app begins nothing',
      { identifiers: [username], totp: true, backupCodes: 9 },
      everything,
      false,
    ],
    [
      'an address where email is off',
      { identifiers: [email] },
      { ...everything, methods: ['sms-code', 'password'] },
      false,
    ],
    [
      'an address and a password where email is off',
      { identifiers: [email], password: true },
      { ...everything, methods: ['sms-code', 'password'] },
      true,
    ],
    [
      'a phone number where one signs in with an address',
      { identifiers: [phone], password: true },
      { ...everything, identifiers: ['email'] },
      false,
    ],
    [
      'a passkey where passkeys are off',
      { identifiers: [username], passkeys: 2 },
      { ...everything, methods: ['password'] },
      false,
    ],
  ]
  for (const [name, ways, offered, expected] of cases) {
    assert.equal(canComeBack({ ...nothing, ...ways }, offered), expected, name)
  }
})

test('ways in are told in the order that they are offered', () => {
  const ways = { ...nothing, identifiers: [phone, email], password: true, passkeys: 1 }
  assert.deepEqual(waysIn(ways, everything), everything.methods)
  assert.deepEqual(waysIn({ ...ways, identifiers: [email] }, everything), [
    'email-link',
    'email-code',
    'password',
    'passkey',
  ])
})

test('a change takes the most that somebody can prove', () => {
  const cases: [Partial<Ways>, string][] = [
    [{ identifiers: [email] }, 'aal1'],
    [{ identifiers: [phone] }, 'aal1'],
    [{ identifiers: [email], password: true }, 'aal1'],
    [{ identifiers: [email], totp: true, backupCodes: 10 }, 'aal1'],
    [{ identifiers: [phone], password: true }, 'aal2'],
    [{ identifiers: [email], password: true, totp: true }, 'aal2'],
    [{ identifiers: [email], password: true, backupCodes: 1 }, 'aal2'],
    [{ identifiers: [{ type: 'phone', verified: false }], password: true }, 'aal1'],
    [{ identifiers: [email], passkeys: 1 }, 'phr'],
    [{ identifiers: [phone], password: true, totp: true, passkeys: 1 }, 'phr'],
  ]
  for (const [ways, expected] of cases) {
    assert.equal(reachableAcr({ ...nothing, ...ways }, everything), expected, JSON.stringify(ways))
  }
})

test('a passkey is asked of nobody where passkeys are off', () => {
  const ways = { ...nothing, identifiers: [phone], password: true, passkeys: 1 }
  assert.equal(reachableAcr(ways, { methods: ['password'] }), 'aal2')
})

test('whoever has an authenticator app shows it for a change, whatever it makes of the rest', () => {
  const ways = { ...nothing, identifiers: [email] }
  assert.deepEqual(neededFor(ways, everything), { acr: 'aal1', app: false })
  assert.deepEqual(neededFor({ ...ways, totp: true }, everything), { acr: 'aal1', app: true })
  assert.deepEqual(neededFor({ ...ways, passkeys: 1 }, everything), { acr: 'phr', app: false })
})

test('a proof is fresh for five minutes, or as long as it counts at all', () => {
  assert.equal(freshSeconds({ aal2IdleSeconds: 3600, aal2AbsoluteSeconds: 86400 }), 300)
  assert.equal(freshSeconds({ aal2IdleSeconds: 60, aal2AbsoluteSeconds: 86400 }), 60)
})

test('backup codes go with the last thing that they stand in for', () => {
  assert.equal(keepsBackupCodes({ ...nothing, totp: true }), true)
  assert.equal(keepsBackupCodes({ ...nothing, passkeys: 1 }), true)
  assert.equal(keepsBackupCodes({ ...nothing, backupCodes: 7, password: true }), false)
})

test('the checklist has what is still to do, and nothing that is not offered', () => {
  const due = (ways: Partial<Ways>, offered = everything) =>
    checklist({ ...nothing, ...ways }, offered)
      .filter(({ done }) => !done)
      .map(({ advice }) => advice)
  assert.deepEqual(due({ identifiers: [email] }), ['another-way', 'two-step', 'passkey'])
  assert.deepEqual(due({ identifiers: [email, phone], totp: true, backupCodes: 3 }), [
    'backup-codes',
    'passkey',
  ])
  assert.deepEqual(due({ identifiers: [email], passkeys: 1, backupCodes: 10 }), [])
  assert.deepEqual(
    due(
      { identifiers: [email, email], totp: true, backupCodes: 10 },
      { ...everything, methods: ['email-code'] },
    ),
    [],
  )
})
