import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encode } from 'uqr'
import { fromBase32, toBase32 } from '#src/verification/totp/base32.ts'
import { codeOf, matchingSteps, stepAt } from '#src/verification/totp/code.ts'
import { qrSvg } from '#src/verification/totp/qr.ts'
import { otpauthUri } from '#src/verification/totp/uri.ts'

// The secret of both RFCs.
const secret = Buffer.from('12345678901234567890')

/** Any text, broken Unicode included. */
const anyText = (maxLength: number) =>
  fc
    .array(fc.integer({ min: 0, max: 0x10_ffff }), { maxLength })
    .map((points) => String.fromCodePoint(...points))

test('codes are those of RFC 4226, appendix D', () => {
  const codes = Array.from({ length: 10 }, (_, counter) => codeOf(secret, counter))
  assert.deepEqual(codes, [
    '755224',
    '287082',
    '359152',
    '969429',
    '338314',
    '254676',
    '287922',
    '162583',
    '399871',
    '520489',
  ])
})

test('codes are those of RFC 6238, appendix B', () => {
  for (const [seconds, code] of [
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ] as const) {
    assert.equal(codeOf(secret, stepAt(new Date(seconds * 1000)), 8), code)
  }
})

test('a clock may be one step off, and no more', () => {
  const now = new Date(1_800_000_015_000)
  const step = stepAt(now)
  for (const [offset, expected] of [
    [-2, []],
    [-1, [step - 1]],
    [0, [step]],
    [1, [step + 1]],
    [2, []],
  ] as const) {
    assert.deepEqual(matchingSteps(secret, codeOf(secret, step + offset), now), expected)
  }
})

test('base32 is that of RFC 4648, section 10', () => {
  for (const [plain, text] of [
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
  ] as const) {
    assert.equal(toBase32(Buffer.from(plain)), text)
    assert.equal(fromBase32(text).toString(), plain)
  }
  assert.throws(() => fromBase32('MZXW6YT1'), RangeError)
})

test('any secret survives base32', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      assert.deepEqual([...fromBase32(toBase32(bytes))], [...bytes])
    }),
  )
})

test('the address for the app names issuer and account and carries the secret', () => {
  const uri = otpauthUri({ issuer: 'Acme & Söhne', account: 'jane+1@shop.example' }, 'MZXW6YTB')
  assert.equal(
    uri,
    'otpauth://totp/Acme%20%26%20S%C3%B6hne:jane%2B1%40shop.example' +
      '?secret=MZXW6YTB&issuer=Acme%20%26%20S%C3%B6hne&algorithm=SHA1&digits=6&period=30',
  )
})

test('no name of a person or a place breaks the address or the QR code', () => {
  const name = anyText(400)
  fc.assert(
    fc.property(name, name, (issuer, account) => {
      const uri = otpauthUri({ issuer, account }, 'A'.repeat(32))
      const { protocol, searchParams, pathname } = new URL(uri)
      assert.equal(protocol, 'otpauth:')
      assert.equal(searchParams.get('secret'), 'A'.repeat(32))
      assert.equal(pathname.split(':').length, 2)
    }),
  )
  const widest = otpauthUri({ issuer: '会'.repeat(300), account: '🦊'.repeat(300) }, 'A'.repeat(32))
  assert.throws(() => qrSvg('x'.repeat(3000), 'QR code'))
  assert.ok(qrSvg(widest, 'QR code').startsWith('<svg'))
})

test('the QR code is drawn as it was encoded, with the quiet zone that scanners need', () => {
  const uri = otpauthUri({ issuer: 'Acme', account: 'jane@shop.example' }, 'A'.repeat(32))
  const { data, size } = encode(uri, { ecc: 'M', border: 4 })
  const drawn = data.map((row) => row.map(() => false))
  const dark = /fill="#000" d="([^"]*)"/.exec(qrSvg(uri, 'x'))![1]!
  for (const [, x, y, width] of dark.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    drawn[Number(y)]!.fill(true, Number(x), Number(x) + Number(width))
  }
  assert.deepEqual(drawn, data)
  for (const edge of [...data.slice(0, 4), ...data.slice(-4)]) assert.ok(!edge.includes(true))
  assert.ok(qrSvg(uri, 'x').includes(`viewBox="0 0 ${size} ${size}"`))
})

test('the QR code needs no style, and its label can hold anything', () => {
  const svg = qrSvg('otpauth://totp/x', 'Scan "me" <b>&</b>')
  assert.ok(!svg.includes('style'))
  assert.ok(svg.includes('aria-label="Scan &quot;me&quot; &lt;b&gt;&amp;&lt;/b&gt;"'))
})
