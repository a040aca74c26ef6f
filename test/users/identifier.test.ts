import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Problem } from '#src/lib/problem.ts'
import {
  defaultRegion,
  limitKey,
  maskIdentifier,
  readIdentifier,
  regionOptions,
} from '#src/users/identifier.ts'
import {
  addresses,
  alphanumeric,
  character,
  every,
  lower,
  numbers,
  outcome,
  phone,
  read,
  text,
  username,
} from './reading.ts'

test('however a number is spelt, it is one number', () => {
  for (const spelt of [
    '+1 (415) 555-2671',
    '+1.415.555.2671',
    '+14155552671',
    '0014155552671',
    '+1\u00a0415\u00a0555\u00a02671',
    ' +1-415-555-2671 ',
  ]) {
    assert.equal(phone(spelt), '+14155552671', spelt)
  }
  for (const spelt of ['4155552671', '(415) 555-2671', '1 415 555 2671', '14155552671']) {
    assert.equal(phone(spelt, 'US'), '+14155552671', spelt)
  }
  for (const spelt of ['079 123 45 67', '+41 (0)79 123 45 67', '0041 79 123 45 67', '791234567']) {
    assert.equal(phone(spelt, 'CH'), '+41791234567', spelt)
  }
  assert.equal(read('+41791234567').display, '+41 79 123 45 67')
})

test('every spelling with spaces, dashes, dots and brackets counts as the same number', () => {
  fc.assert(
    fc.property(numbers, fc.array(character(' \u00a0().-'), { maxLength: 14 }), (number, noise) => {
      const [plus, ...rest] = number
      const spelt = `${plus}${rest.map((digit, index) => `${digit}${noise[index] ?? ''}`).join('')}`
      const identifier = read(spelt, ['phone'])
      assert.equal(identifier.value, number)
      assert.equal(limitKey(identifier), `phone:${number}`)
      assert.equal(phone(spelt.replace('+', '00')), number)
    }),
  )
})

test('a number without its country is asked for it', () => {
  assert.equal(phone('079 123 45 67'), 'phone_needs_country')
  assert.equal(phone('079 123 45 67', ''), 'phone_needs_country')
  assert.equal(phone('079 123 45 67', '__proto__'), 'phone_needs_country')
  assert.equal(phone('079 123 45 67', 'ZZ'), 'phone_needs_country')
})

test('what is not written in plain digits is refused, even where a parser would guess', () => {
  for (const bad of [
    '+１４１５５５５２６７１',
    '+١٤١٥٥٥٥٢٦٧١',
    '+1415555267¹',
    '+1415\u200b5552671',
    '\u202e+14155552671',
    '+1415\u00ad5552671',
    '\ufeff+14155552671',
    'tel:+14155552671',
    '+14155552671;ext=5',
    '+14155552671x5',
    '+14155552671,,1',
    '+14155552671#',
    '+14155552671\r\nBcc: x',
    '+14155552671\n',
    '+14155552671|ls',
    '+1415555$(id)',
    "+14155552671'--",
    '+14155552671%0d%0a',
    '+14155552671\u0000',
    '++14155552671',
    '+1+4155552671',
    '+',
    '+0',
    '+1',
    '+0014155552671',
    '+999123456789',
    '+14155552671111111',
    '12345678901234567890123456789012345678901',
    '+1'.padEnd(1_000_000, '2'),
    '١٢٣٤٥٦٧',
  ]) {
    assert.equal(phone(bad, 'US'), 'invalid_phone', JSON.stringify(bad.slice(0, 40)))
  }
})

test('numbers that take no text messages, or cost whoever calls them, are refused', () => {
  for (const bad of [
    '+19005551234', // premium
    '+979123456789', // premium, international
    '+18005551234', // toll free
    '+448431234567', // shared cost
    '+447012345678', // personal number
    '+4932221234567', // VoIP
    '+881612345678', // satellite
    '+870773111632', // satellite
    '+882161234567', // international network
    '+883510000000000', // international network
    '+41446681800', // fixed line
    '+442079460958', // fixed line
    '+15005550006', // a vendor's magic number
  ]) {
    assert.equal(phone(bad), 'invalid_phone', bad)
  }
})

test('numbers that share a calling code are told apart, and fictitious ones may be used to try', () => {
  for (const good of [
    '+12015550123',
    '+12025550199',
    '+447911123456',
    '+79161234567',
    '+77012345678',
  ]) {
    assert.equal(phone(good), good)
  }
})

test('a username is plain, and its case does not matter', () => {
  assert.deepEqual(read('Alice_1.x-y'), {
    type: 'username',
    value: 'alice_1.x-y',
    display: 'Alice_1.x-y',
  })
  for (const bad of [
    'al',
    '1alice',
    '_alice',
    'a'.repeat(33),
    'alice!',
    'alicé',
    '\u212Aelvin',
    'a b c',
    'аdmin',
    'alice\n',
  ]) {
    assert.equal(username(bad), 'invalid_username', JSON.stringify(bad))
  }
})

test('nothing typed is said to be missing', () => {
  for (const nothing of ['', '   ', '\t', '\u00a0']) {
    assert.equal(outcome(nothing), 'identifier_required')
  }
})

test('what is typed is taken for what is accepted', () => {
  assert.equal(outcome('a@x.com', ['phone']), 'identifier_not_accepted')
  assert.equal(outcome('+14155552671', ['email']), 'identifier_not_accepted')
  assert.equal(outcome('alice', ['email', 'phone']), 'invalid_email')
  assert.equal(outcome('alice', ['phone']), 'invalid_phone')
  assert.equal(outcome('007bond', ['username']), 'invalid_username')
  assert.equal(outcome('alice', every), 'alice')
})

test('the problem is about the field that was filled in', () => {
  assert.throws(() => read('a@'), { field: 'identifier' })
  assert.throws(() => readIdentifier('x', { types: ['username'], field: 'username' }), {
    code: 'invalid_username',
    field: 'username',
  })
})

test('reading what was read changes nothing', () => {
  const usernames = fc.tuple(text(lower, 1, 1), text(`${alphanumeric}_.-`, 2, 31))
  const typed = fc.oneof(
    addresses,
    numbers,
    usernames.map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(typed, (one) => {
      const identifier = read(one)
      assert.deepEqual(read(identifier.display), identifier)
      assert.equal(read(identifier.value).value, identifier.value)
    }),
  )
})

test('nothing that could address somebody else gets through, whatever is typed', () => {
  const nasty = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc
      .tuple(addresses, fc.constantFrom('\r', '\n', '\0', ',', ';', '<', '"', ' '), addresses)
      .map((parts) => parts.join('')),
    fc
      .tuple(numbers, fc.constantFrom('\r\n', '\0', ',', ';', '#', 'x'), numbers)
      .map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(nasty, (typed) => {
      try {
        const { type, value, display } = read(typed, every, 'US')
        assert.match(value, /^[\x21-\x7e]+$/)
        assert.match(display, type === 'phone' ? /^\+[\d -]+$/ : /^[\x21-\x7e]+$/)
        assert.doesNotMatch(value + display, /[\r\n\0,;<>"]/)
        assert.ok((value.match(/@/g) ?? []).length <= 1)
      } catch (error) {
        assert.ok(error instanceof Problem, String(error))
        assert.equal(error.status, 422)
      }
    }),
    { numRuns: 500 },
  )
})

test('a masked identifier is recognised by its owner and useless to others', () => {
  assert.equal(maskIdentifier(read('+41791234567')), '+41 ••• ••67')
  assert.equal(maskIdentifier(read('Alice.Smith@example.com')), 'a•••@example.com')
  assert.equal(maskIdentifier(read('alice')), 'a•••')
})

test('addresses that end in one mailbox share a count', () => {
  const key = (typed: string) => limitKey(read(typed))
  assert.equal(key('A.b+x@gmail.com'), key('ab@googlemail.com'))
  assert.equal(key('a+1@x.com'), key('A+2@X.com'))
  assert.notEqual(key('a.b@x.com'), key('ab@x.com'))
  assert.notEqual(key('+1@x.com'), key('+2@x.com'))
  assert.notEqual(key('alice'), key('alice@x.com'))
})

test('countries are listed by name in the language of the page', () => {
  const german = regionOptions('de')
  assert.deepEqual(
    german.find(({ code }) => code === 'CH'),
    { code: 'CH', name: 'Schweiz', calling: '+41' },
  )
  assert.ok(german.length > 200)
  assert.ok(
    german.findIndex(({ code }) => code === 'AT') < german.findIndex(({ code }) => code === 'CH'),
  )
  assert.equal(regionOptions('ar').find(({ code }) => code === 'EG')?.name, 'مصر')
  assert.equal(regionOptions('de'), german)
})

test('the country is guessed from the languages that are asked for', () => {
  assert.equal(defaultRegion(' de-CH,de;q=0.9,en-US;q=0.8'), 'CH')
  assert.equal(defaultRegion('fr en-GB;q=0.5'), 'GB')
  assert.equal(defaultRegion('de'), 'DE')
  for (const nothing of ['', '*', 'x', 'zz-ZZ', '\0', ','.repeat(100_000), 'en-001']) {
    assert.equal(defaultRegion(nothing), 'US', JSON.stringify(nothing.slice(0, 9)))
  }
})
