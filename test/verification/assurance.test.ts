import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type Acr,
  acrValues,
  assurance,
  type Factor,
  factorOf,
  kindsOf,
  type Method,
  satisfies,
} from '#src/verification/index.ts'

const now = Date.UTC(2026, 10, 20, 12)
const hour = 3_600_000
const fresh = { now, usedAt: now, idleSeconds: 3600, absoluteSeconds: 86_400 }

/** What each method proves, as design section 4 lists it. */
const methods: Record<Method['id'], Pick<Factor, 'kind' | 'channel' | 'amr'>> = {
  'sms-code': { kind: 'possession', channel: 'sms', amr: ['otp', 'sms'] },
  'sms-link': { kind: 'possession', channel: 'sms', amr: ['sms'] },
  'email-code': { kind: null, channel: 'email', amr: ['otp', 'email'] },
  'email-link': { kind: null, channel: 'email', amr: ['email'] },
  password: { kind: 'knowledge', channel: null, amr: ['pwd'] },
  totp: { kind: 'possession', channel: null, amr: ['otp'] },
  'backup-code': { kind: 'possession', channel: null, amr: ['otp'] },
  passkey: { kind: 'inherence', channel: null, amr: ['swk', 'user'] },
}
const factor = (method: Method['id'], agoMs = 0): Factor => ({
  ...methods[method],
  method,
  identifier: null,
  at: now - agoMs,
})

const table: [Method['id'][], Acr, string[]][] = [
  [['sms-code'], 'aal1', ['otp', 'sms']],
  [['sms-link'], 'aal1', ['sms']],
  [['email-code'], 'aal1', ['email', 'otp']],
  [['email-link'], 'aal1', ['email']],
  [['password'], 'aal1', ['pwd']],
  [['totp'], 'aal1', ['otp']],
  [['backup-code'], 'aal1', ['otp']],
  [['password', 'totp'], 'aal2', ['mfa', 'otp', 'pwd']],
  [['password', 'sms-code'], 'aal2', ['mfa', 'otp', 'pwd', 'sms']],
  [['password', 'sms-link'], 'aal2', ['mfa', 'pwd', 'sms']],
  [['password', 'backup-code'], 'aal2', ['mfa', 'otp', 'pwd']],
  [['password', 'email-code'], 'aal1', ['email', 'otp', 'pwd']],
  [['password', 'email-link'], 'aal1', ['email', 'pwd']],
  [['sms-code', 'totp'], 'aal1', ['otp', 'sms']],
  [['sms-code', 'email-code'], 'aal1', ['email', 'otp', 'sms']],
  [['email-link', 'totp'], 'aal1', ['email', 'otp']],
  [['email-link', 'password', 'totp'], 'aal2', ['email', 'mfa', 'otp', 'pwd']],
  [['passkey'], 'phr', ['mfa', 'swk', 'user']],
  [['password', 'passkey'], 'phr', ['mfa', 'pwd', 'swk', 'user']],
  [['email-code', 'passkey'], 'phr', ['email', 'mfa', 'otp', 'swk', 'user']],
  [[], 'aal1', []],
]

for (const [used, acr, amr] of table) {
  test(`${used.join(' and ') || 'nothing'} makes ${acr}, told as ${amr.join(' ') || 'nothing'}`, () => {
    const factors = used.map((method) => factor(method))
    assert.deepEqual(assurance(factors, fresh), { acr, amr })
    assert.deepEqual(assurance(factors.toReversed(), fresh), { acr, amr })
  })
}

test('two kinds lapse after an hour without use, and with them the word mfa', () => {
  const factors = [factor('password', 5 * hour), factor('totp', 5 * hour)]
  const after = (idleMs: number) => assurance(factors, { ...fresh, usedAt: now - idleMs })
  assert.equal(after(hour).acr, 'aal2')
  assert.deepEqual(after(hour + 1), { acr: 'aal1', amr: ['otp', 'pwd'] })
})

test('two kinds lapse a day after they were proven, however busy the session is', () => {
  const proven = (agoMs: number) =>
    assurance([factor('password', agoMs), factor('totp', agoMs)], fresh)
  assert.equal(proven(24 * hour).acr, 'aal2')
  assert.equal(proven(24 * hour + 1).acr, 'aal1')
  const mixed = [factor('password', 25 * hour), factor('totp'), factor('sms-code')]
  assert.equal(assurance(mixed, fresh).acr, 'aal1')
  assert.equal(assurance([...mixed, factor('password')], fresh).acr, 'aal2')
})

test('more proofs never make less of a sign-in', () => {
  const proof = fc.constantFrom(...(Object.keys(methods) as Method['id'][])).map((id) => factor(id))
  fc.assert(
    fc.property(fc.array(proof), proof, (factors, more) => {
      const rank = (all: Factor[]) => acrValues.indexOf(assurance(all, fresh).acr)
      assert.ok(rank([...factors, more]) >= rank(factors))
    }),
  )
})

test('kinds are counted once, and email is none', () => {
  assert.deepEqual(kindsOf([factor('totp'), factor('sms-code')]), new Set(['possession']))
  assert.deepEqual(kindsOf([factor('email-link')]), new Set())
})

test('the stronger class answers for the weaker, and unknown values ask for nothing', () => {
  assert.equal(satisfies('aal2', ['aal1']), true)
  assert.equal(satisfies('aal1', ['aal2']), false)
  assert.equal(satisfies('phr', ['aal2']), true)
  assert.equal(satisfies('aal2', ['phr']), false)
  assert.equal(satisfies('aal1', ['phr', 'aal1']), true)
  assert.equal(satisfies('aal1', ['urn:unknown']), true)
  assert.equal(satisfies('aal1', ['urn:unknown', 'aal2']), false)
  assert.equal(satisfies(undefined, []), true)
  assert.equal(satisfies(undefined, ['aal1']), false)
  assert.equal(satisfies('made-up', ['aal1']), false)
})

test('what a session remembers of a proof names nobody but what was proven to be theirs', () => {
  const at = new Date(now)
  const verification = { ...factor('password'), userId: 'anna', at }
  assert.deepEqual(factorOf(verification), factor('password'))
})
