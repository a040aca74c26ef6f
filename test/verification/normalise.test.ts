import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cleanCode, normaliseCode } from '#src/verification/normalise.ts'

const sixDigits = fc.stringMatching(/^[0-9]{6}$/)

/** Any text, broken Unicode included. */
const anyText = (maxLength: number) =>
  fc
    .array(fc.integer({ min: 0, max: 0x10_ffff }), { maxLength })
    .map((points) => String.fromCodePoint(...points))

/** The digits of every script that the runtime can write numbers in, zero to nine. */
const scripts = Intl.supportedValuesOf('numberingSystem')
  .map((system) => {
    const write = new Intl.NumberFormat('en', { numberingSystem: system, useGrouping: false })
    return Array.from({ length: 10 }, (_, digit) => write.format(digit))
  })
  .filter((digits) => digits.every((digit) => /^\p{Nd}$/u.test(digit)))

test('a code may be typed with the digits of any script', () => {
  assert.ok(scripts.length > 50)
  fc.assert(
    fc.property(sixDigits, fc.constantFrom(...scripts), (code, digits) => {
      const typed = Array.from(code, (digit) => digits[Number(digit)]).join('')
      assert.equal(normaliseCode(typed, 6), code)
    }),
  )
})

test('every decimal digit of Unicode is read as one of ten', () => {
  let found = 0
  for (let point = 0; point < 0x2_0000; point++) {
    const character = String.fromCodePoint(point)
    if (!/^\p{Nd}$/u.test(character)) continue
    assert.match(cleanCode(character), /^[0-9]$/)
    found += 1
  }
  assert.equal(found % 10, 0)
  assert.ok(found > 600)
})

test('spaces, hyphens and invisible characters in a code do not matter', () => {
  const noise = fc.constantFrom(
    ' ',
    '\u00a0',
    '\t',
    '\n',
    '-',
    '‐',
    '–',
    '−',
    '\u200b',
    '\u200d',
    '\ufeff',
    '\u00ad',
    '\u202e',
  )
  fc.assert(
    fc.property(sixDigits, fc.array(noise, { minLength: 7, maxLength: 7 }), (code, between) => {
      const typed = between[6] + Array.from(code, (digit, at) => digit + between[at]).join('')
      assert.equal(normaliseCode(typed, 6), code)
    }),
  )
})

test('whatever is typed, what comes out is a code of that length or a clear refusal', () => {
  const anything = anyText(300)
  fc.assert(
    fc.property(anything, fc.integer({ min: 4, max: 8 }), (typed, length) => {
      try {
        assert.match(normaliseCode(typed, length), new RegExp(`^[0-9]{${length}}$`))
      } catch (error) {
        assert.match(String((error as { code?: string }).code), /^code_(required|malformed)$/)
      }
    }),
  )
})

test('what is no code is refused, and says how long a code is', () => {
  const malformed = ['12345', '1234567', '-00001', '1e5', '0x1E24', '123456.0', '12345²', 'Ⅷ23456']
  for (const typed of [...malformed, '123456\0', '\ud800123456', '1'.repeat(256)]) {
    assert.throws(() => normaliseCode(typed, 6), { code: 'code_malformed', values: { length: 6 } })
  }
  assert.throws(() => normaliseCode('1'.repeat(1_000_000), 6), { code: 'code_malformed' })
  for (const typed of ['', '  ', ' - ', '\u200b']) {
    assert.throws(() => normaliseCode(typed, 6), { code: 'code_required', field: 'code' })
  }
})
