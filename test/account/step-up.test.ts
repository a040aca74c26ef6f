import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stepUpFor } from '#src/account/fresh.ts'
import type { Needed } from '#src/account/policy.ts'
import type { Acr, Factor } from '#src/verification/index.ts'

const now = Date.parse('2026-11-28T12:00:00.900Z')

const proof = (
  method: Factor['method'],
  kind: Factor['kind'],
  channel: Factor['channel'] = null,
) => {
  return (secondsAgo: number): Factor => ({
    method,
    kind,
    channel,
    identifier: null,
    amr: [],
    at: now - secondsAgo * 1000,
  })
}
const email = proof('email-code', null, 'email')
const text = proof('sms-code', 'possession', 'sms')
const password = proof('password', 'knowledge')
const totp = proof('totp', 'possession')
const paper = proof('backup-code', 'possession')
const passkey = proof('passkey', 'inherence')
const unverified = proof('passkey', 'possession')

const asked = (factors: readonly Factor[], needed: Needed, token: Acr | null = null) => {
  const newest = Math.max(0, ...factors.map(({ at }) => at))
  const signedInAt = new Date(Math.floor(newest / 1000) * 1000)
  const found = stepUpFor({ signedInAt, acr: token, factors }, needed, 300, now)
  return found ? found.maxAge : null
}

const one: Needed = { acr: 'aal1', app: false }
const two: Needed = { acr: 'aal2', app: false }
const key: Needed = { acr: 'phr', app: false }
const app: Needed = { acr: 'aal1', app: true }
const both: Needed = { acr: 'aal2', app: true }

test('a change takes enough that was proven within five minutes, and nothing from before', () => {
  const cases: [string, readonly Factor[], Needed, number | null][] = [
    ['an email code of now', [email(0)], one, null],
    ['an email code of five minutes ago', [email(300)], one, null],
    ['of a second more', [email(301)], one, 0],
    ['a session that knows of no factor', [], one, 0],
    ['a password of now, where two kinds are needed: the other is added', [password(9)], two, 300],
    ['both, in one sign-in', [password(9), text(5)], two, null],
    ['one of them old', [password(900), text(5)], two, 0],
    [
      'an old sign-in with both, and a new email code',
      [password(900), text(900), email(1)],
      two,
      0,
    ],
    ['a passkey', [passkey(5)], key, null],
    ['an old passkey and a new email code', [passkey(1800), email(1)], key, 0],
    ['an old passkey and a new one', [passkey(1800), passkey(1)], key, null],
    ['an email code, where there is an app', [email(1)], app, 300],
    ['and text messages', [email(1), text(1)], app, 300],
    ['and the app', [email(1), totp(1)], app, null],
    ['or a code on paper', [email(1), paper(1)], app, null],
    ['or a passkey', [passkey(1)], app, null],
    ['but none that has verified nobody', [email(1), unverified(1)], app, 300],
    ['the app of before, and a new email code', [email(1), totp(900)], app, 0],
    ['the app alone, once the email code is old', [email(900), totp(1)], app, null],
    ['a password and text messages do not make up for it', [password(1), text(1)], both, 300],
    ['a password and the app', [password(1), totp(1)], both, null],
  ]
  for (const [name, factors, needed, expected] of cases) {
    assert.equal(asked(factors, needed), expected, name)
  }
})

test('a token vouches for no more than it says, though its session has come further', () => {
  const factors = [password(5), text(1)]
  assert.equal(asked(factors, two, 'aal1'), 300, 'a new one will do')
  assert.equal(asked(factors, two, 'aal2'), null)
  assert.equal(asked([password(900), text(900), email(1)], two, 'aal2'), 0)
})

test('a token of an older sign-in is not fresh, as soon as the protocol would say so', () => {
  const of = (secondsAgo: number) =>
    stepUpFor(
      { signedInAt: new Date(now - 900 - secondsAgo * 1000), acr: 'aal1', factors: [email(1)] },
      one,
      300,
      now,
    )
  assert.equal(of(300), null)
  assert.deepEqual(of(301), { acr: 'aal1', maxAge: 300 })
})
