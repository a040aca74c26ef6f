import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { segments } from '#connectors/segments.ts'

test('a text message is counted as networks count it', () => {
  for (const [what, text, encoding, units, count] of [
    ['nothing', '', 'GSM-7', 0, 0],
    ['160 letters', 'a'.repeat(160), 'GSM-7', 160, 1],
    ['161 letters', 'a'.repeat(161), 'GSM-7', 161, 2],
    ['306 letters', 'a'.repeat(306), 'GSM-7', 306, 2],
    ['307 letters', 'a'.repeat(307), 'GSM-7', 307, 3],
    ['80 braces, which take two places', '{'.repeat(80), 'GSM-7', 160, 1],
    ['a brace that does not fit whole', `${'a'.repeat(152)}{${'a'.repeat(8)}`, 'GSM-7', 162, 2],
    ['two parts lost to braces', `${'{'.repeat(76)}a${'{'.repeat(77)}`, 'GSM-7', 307, 3],
    ['German', 'Grüße aus Köln, 5 € für Ännchen', 'GSM-7', 32, 1],
    ['French with an ê', 'fenêtre', 'UCS-2', 7, 1],
    ['70 Arabic letters', 'ر'.repeat(70), 'UCS-2', 70, 1],
    ['71 Arabic letters', 'ر'.repeat(71), 'UCS-2', 71, 2],
    ['134 Arabic letters', 'ر'.repeat(134), 'UCS-2', 134, 2],
    ['135 Arabic letters', 'ر'.repeat(135), 'UCS-2', 135, 3],
    ['35 emoji, which take two places', '😀'.repeat(35), 'UCS-2', 70, 1],
    ['67 emoji: 33 fit into a part', '😀'.repeat(67), 'UCS-2', 134, 3],
  ] as const) {
    const { forcedBy: _, ...counted } = segments(text)
    assert.deepEqual(counted, { encoding, units, count }, what)
  }
})

test('what makes a text message dearer is named', () => {
  assert.equal(segments("It's fine").forcedBy, null)
  assert.equal(segments('It’s not').forcedBy, '’')
  assert.equal(segments(`95 letters, ${'a'.repeat(82)}'`).count, 1)
  assert.equal(segments(`95 letters, ${'a'.repeat(82)}’`).count, 2)
})

test('a longer text never takes fewer segments, and no segment holds more than it can', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '{', 'é', '€', 'ر', '😀'), maxLength: 400 })
  fc.assert(
    fc.property(text, text, (one, two) => {
      const whole = segments(one + two)
      const most = whole.encoding === 'GSM-7' ? 160 : 70
      const each = whole.encoding === 'GSM-7' ? 153 : 67
      assert.ok(whole.count >= segments(one).count)
      assert.ok(whole.units <= (whole.count === 1 ? most : whole.count * each))
      assert.ok(whole.count <= Math.ceil(whole.units / (each - 1)))
    }),
  )
})
