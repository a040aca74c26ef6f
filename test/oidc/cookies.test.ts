import assert from 'node:assert/strict'
import { createHmac, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { cookieKeys } from '#src/oidc/cookies.ts'

const [older, newer, stranger] = [randomBytes(32), randomBytes(32), randomBytes(32)]

test('a cookie is signed with HMAC-SHA-256 under the newest key', () => {
  const signature = cookieKeys([newer, older]).sign('name=value')
  const expected = createHmac('sha256', newer).update('name=value').digest('base64url')
  assert.equal(signature, expected)
})

test('a cookie that an older key has signed is still good, and is known to be of that key', () => {
  const before = cookieKeys([older]).sign('name=value')
  const keys = cookieKeys([newer, older])
  assert.equal(keys.verify('name=value', before), true)
  assert.equal(keys.index('name=value', before), 1)
  assert.equal(keys.index('name=value', keys.sign('name=value')), 0)
})

test('a cookie that none of the keys has signed is refused', () => {
  const keys = cookieKeys([newer, older])
  const foreign = cookieKeys([stranger]).sign('name=value')
  assert.equal(keys.verify('name=value', foreign), false)
  assert.equal(keys.index('name=value', foreign), -1)
})

test('whatever is changed in a value or its signature, it is refused', () => {
  const keys = cookieKeys([newer, older])
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string({ unit: 'binary' }), (one, other, digest) => {
      assert.equal(keys.verify(one, keys.sign(one)), true)
      assert.equal(keys.verify(one, digest), false)
      if (one !== other) assert.equal(keys.verify(other, keys.sign(one)), false)
      assert.equal(keys.verify(one, keys.sign(one).slice(0, -1)), false)
      assert.equal(keys.verify(one, `${keys.sign(one)}=`), false)
    }),
    { numRuns: 200 },
  )
})
