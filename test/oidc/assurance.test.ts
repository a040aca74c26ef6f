import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KoaContextWithOIDC } from 'oidc-provider'
import { askedAcrs, sessionAssurance } from '#src/oidc/assurance.ts'
import { defaultSettings } from '#src/settings/defaults.ts'
import type { Factor } from '#src/verification/index.ts'

const hour = 3_600_000
const day = 24 * hour
const now = Date.UTC(2026, 10, 20, 12)
const { session: limits } = defaultSettings

const factor = (method: 'sms-code' | 'password', agoMs: number): Factor => ({
  method,
  kind: method === 'password' ? 'knowledge' : 'possession',
  channel: method === 'password' ? null : 'sms',
  identifier: null,
  amr: method === 'password' ? ['pwd'] : ['otp', 'sms'],
  at: now - agoMs,
})

/** A session is saved at each use, to end `idleSeconds` later. */
const usedAgo = (agoMs: number) => ({ exp: (now - agoMs) / 1000 + limits.idleSeconds })

const cases: [string, Factor[], number, string | undefined][] = [
  ['nobody has proven anything', [], 0, undefined],
  ['one factor, just now', [factor('sms-code', 0)], 0, 'aal1'],
  ['two factors, just now', [factor('sms-code', 0), factor('password', 0)], 0, 'aal2'],
  [
    'two, used half an hour ago',
    [factor('sms-code', 5 * hour), factor('password', 5 * hour)],
    hour / 2,
    'aal2',
  ],
  [
    'two, unused for two hours',
    [factor('sms-code', 5 * hour), factor('password', 5 * hour)],
    2 * hour,
    'aal1',
  ],
  [
    'two, proven yesterday and in use',
    [factor('sms-code', day + 1), factor('password', day + 1)],
    0,
    'aal1',
  ],
  [
    'one of two proven yesterday',
    [factor('sms-code', day + 1), factor('password', hour)],
    0,
    'aal1',
  ],
  [
    'two, the second of them proven now, after a pause',
    [factor('sms-code', 5 * hour), factor('password', 0)],
    2 * hour,
    'aal2',
  ],
]

for (const [when, factors, agoMs, acr] of cases) {
  test(`a session says ${acr ?? 'nothing'}: ${when}`, () => {
    assert.equal(sessionAssurance(factors, usedAgo(agoMs), limits, now)?.acr, acr)
  })
}

test('a session that was never saved is being used right now', () => {
  const factors = [factor('sms-code', 5 * hour), factor('password', 5 * hour)]
  assert.equal(sessionAssurance(factors, {}, limits, now)?.acr, 'aal2')
})

const asking = (params: object, claims: object = {}) =>
  askedAcrs({ oidc: { params, claims } } as KoaContextWithOIDC)

test('what a request asks for is in acr_values, or in the acr claim, which goes before it', () => {
  assert.deepEqual(asking({}), { asked: [], essential: false })
  assert.deepEqual(asking({ acr_values: 'aal2 phr' }), { asked: ['aal2', 'phr'], essential: false })
  const one = { id_token: { acr: { essential: true, value: 'aal2' } } }
  assert.deepEqual(asking({ acr_values: 'aal1' }, one), { asked: ['aal2'], essential: true })
  const several = { id_token: { acr: { values: ['phr', 'aal2', 3] } } }
  assert.deepEqual(asking({}, several), { asked: ['phr', 'aal2'], essential: false })
  const bare = { id_token: { acr: { essential: true } } }
  assert.deepEqual(asking({ acr_values: 'aal2' }, bare), { asked: ['aal2'], essential: false })
  assert.deepEqual(asking({}, { id_token: { acr: null } }), { asked: [], essential: false })
})
