import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isIn } from '#src/messaging/country.ts'
import { mask, maskWords } from '#src/messaging/mask.ts'

test('a record shows enough of a recipient for its owner, and no more', () => {
  assert.equal(mask('sms', '+41791234567'), '+41•••67')
  assert.equal(mask('email', 'ada.lovelace@example.com'), 'a•••@example.com')
})

test("a vendor's words are kept without numbers, addresses, links and codes", () => {
  for (const [words, kept] of [
    ["The 'To' number +41791234567 is not valid.", "The 'To' number ••• is not valid."],
    ['+41 79 123 45 67 / (079) 123-4567', '••• / (•••'],
    ['550 5.1.1 <ada@example.com>: unknown\r\nuser', '550 5.1.1 <•••>: unknown user'],
    ['Spam: 482913 https://login.example.com/l/x', 'Spam: ••• •••'],
    ['Error 21211, see 20003', 'Error 21211, see 20003'],
  ] as const) {
    assert.equal(maskWords(words), kept)
  }
  assert.equal(maskWords('word '.repeat(1000)).length, 300)
})

test('a number belongs to its country, or to all that share its calling code if it tells nothing', () => {
  for (const [number, countries, expected] of [
    ['+41791234567', ['CH', 'DE'], true],
    ['+41791234567', ['DE'], false],
    ['+12015550123', ['US'], true],
    ['+12015550123', ['CA'], false],
    ['+14165550123', ['CA'], true],
    ['nonsense', ['CH'], false],
  ] as const) {
    assert.equal(isIn(countries, number), expected, `${number} in ${countries}`)
  }
})
