import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readCommonPasswords } from '#src/verification/password/index.ts'
import { normalPassword, passwordFault } from '#src/verification/password/policy.ts'

const common = await readCommonPasswords()

/** Any text, broken Unicode included. */
const anyText = (maxLength: number) =>
  fc
    .array(fc.integer({ min: 0, max: 0x10_ffff }), { maxLength })
    .map((points) => String.fromCodePoint(...points))

const context = [
  'Jane.Doe@shop.example',
  '+41 79 123 45 67',
  'Jane Doe',
  'Acme Cloud',
  'login.acme.example',
]
const fault = (password: string, minLength = 8) =>
  passwordFault(password, { minLength, context, common })

test('the list of common passwords is long enough to matter', () => {
  assert.ok(common.size >= 10_000)
  for (const entry of common) {
    assert.ok([...entry].length >= 8, entry)
    assert.equal(entry, entry.toLowerCase())
  }
})

test('length is counted in characters as people count them', () => {
  for (const [password, minLength, expected] of [
    ['kxq71v!', 8, 'password_too_short'],
    ['kxq71v!m', 8, null],
    ['kxq71v!mzz4wp9', 15, 'password_too_short'],
    ['kxq71v!mzz4wp9h', 15, null],
    ['🦊🐙🌵🧊🪁🛶🧄', 8, 'password_too_short'],
    ['🦊🐙🌵🧊🪁🛶🧄🎻', 8, null],
    ['  a good phrase  ', 15, null],
  ] as const) {
    assert.equal(fault(password, minLength), expected, password)
  }
})

test('passwords that others would try first are refused, trivial variants too', () => {
  for (const password of [
    'password',
    'PassWord',
    'Password123!',
    '!!password2026',
    'passwordpassword',
    'letmein1letmein1',
    'aaaaaaaaaaaaaaa',
    'abcabcabcabcabc',
    '               ',
    '🦊🦊🦊🦊🦊🦊🦊🦊🦊🦊🦊🦊🦊🦊🦊',
    '12345678',
    '098765432109876',
    'abcdefghijklmnop',
    'qwertyuiopasdfg',
    'lkjhgfdsapoiuyt',
  ]) {
    assert.equal(fault(password), 'password_too_common', password)
  }
})

test('passwords made of what is known about the person or the place are refused', () => {
  for (const password of [
    'jane.doe@shop.example',
    'JANE.DOE2026',
    'janedoe1!',
    'jane!!!!2026',
    'Doe123456789',
    'shop.example1',
    'acmecloud2026',
    'Acme Cloud 2026',
    'login.acme.example',
    'acme20261120',
    '+41791234567',
    '0791234567',
    '079 123 45 67',
    '00417912345670041791234567'.slice(0, 13),
  ]) {
    assert.equal(fault(password), 'password_too_common', password)
  }
})

test('there are no rules of composition, and nothing else is refused', () => {
  for (const password of [
    'a good long phrase',
    'janet likes tea',
    'correct horse battery',
    '7391048275639',
    "' or 1=1 -- x",
    '<script>alert(1)</script>',
    '%s%n{{jndi:x}}',
    'nul\0inside it',
    'كلمةسرطويلةجدا',
    '密碼要長一點才好',
  ]) {
    assert.equal(fault(password), null, password)
  }
})

test('people about whom nothing is known can choose a password', () => {
  const rules = { minLength: 8, context: [null, '', ' '], common }
  assert.equal(passwordFault('kxq71v!m', rules), null)
})

test('long random passwords are accepted', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9]{24}$/), (password) => {
      fc.pre(new Set(password).size > 8)
      assert.equal(fault(password, 15), null)
    }),
  )
})

test('a password is the same however its letters were composed, and is never cut', () => {
  assert.equal(normalPassword('Zu\u0308rich'), 'Z\u00fcrich')
  const whole = (password: string) => assert.equal(normalPassword(password), password)
  whole('x'.repeat(256))
  whole('🦊'.repeat(256))
  whole('\0')
  whole('  spaces stay  ')
  // 256 syllables that take 2,304 bytes when they come decomposed.
  assert.equal(normalPassword('각'.repeat(256).normalize('NFD')), '각'.repeat(256))
})

test('what is too long or no text at all has no normal form', () => {
  for (const password of [
    'x'.repeat(257),
    '🦊'.repeat(257),
    'x'.repeat(1_000_000),
    `e${'\u0301'.repeat(600)}`,
    '\ud800',
    'lone \udc00 surrogate',
  ]) {
    assert.equal(normalPassword(password), null)
  }
})

test('no text makes the check fail or hang', () => {
  const anything = anyText(256)
  fc.assert(
    fc.property(anything, fc.array(anything, { maxLength: 3 }), (password, context) => {
      const normal = normalPassword(password)
      const result = normal && passwordFault(normal, { minLength: 8, context, common })
      assert.match(String(result), /^(null||password_too_short|password_too_common)$/)
    }),
  )
})
