import assert from 'node:assert/strict'
import { test } from 'node:test'
import { domainToASCII } from 'node:url'
import fc from 'fast-check'
import { addresses, email, localPart, read } from './reading.ts'

test('an address is compared in lower case, and written to as it was typed', () => {
  assert.deepEqual(read('  A.b+Tag@Example.COM\t'), {
    type: 'email',
    value: 'a.b+tag@example.com',
    display: 'A.b+Tag@Example.COM',
  })
})

test('addresses that a mail server may tell apart stay apart', () => {
  const twins = ['ab@x.com', 'a.b@x.com', 'ab+1@x.com', 'a-b@x.com', 'ab@y.com', 'ab@x.x.com']
  assert.equal(new Set(twins.map(email)).size, twins.length)
  fc.assert(
    fc.property(addresses, addresses, (one, other) => {
      assert.equal(email(one) === email(other), one.toLowerCase() === other.toLowerCase())
    }),
  )
})

test('what looks like an address, and is more or less than one, is refused', () => {
  for (const bad of [
    'a@',
    '@x.com',
    'a@@x.com',
    'a@b@x.com',
    '.a@x.com',
    'a.@x.com',
    'a..b@x.com',
    '"a b"@x.com',
    'a@x.com (c)',
    'a(c)@x.com',
    'g:a@x.com,b@y.com;',
    'Bob <a@x.com>',
    '<a@x.com>',
    'a@[127.0.0.1]',
    'a@127.0.0.1',
    'a@0x7f.1',
    'a@1.2.3',
    'a@localhost',
    'a@x',
    'a@x.1',
    'a@x.c',
    'a@x.com, b@y.com',
    'a@x.com;b@y.com',
    'a@x.com b@y.com',
    'a@x.com\r\nBcc: z@z.com',
    'a@x.com\n',
    'a@x.com%0d%0a',
    'a@x.com>\r\nRCPT TO:<z@z.com',
    'a\u0000@x.com',
    'a@x.com\u0000',
    'a@x.com.',
    'a@.x.com',
    'a@x..com',
    'a@-x.com',
    'a@x-.com',
    'a@x_y.com',
    'a@x.com/y.com',
    'a@x.com?y.com',
    'a@x.com#y.com',
    'a@x.com\\y.com',
    'a@x.com:25',
    'a@x%2ecom',
    'a@x%41.com',
    'a@x\u00ad.com',
    'a@x\u200d.com',
    'a@xn--zzzzzz.com',
    'a@xn--.com',
    'ünï@x.com',
    '\u212A@x.com',
    'ı@x.com',
    'ﬁ@x.com',
    'a\u202Eb@x.com',
    'a\ud800@x.com',
    'a@x\ud800.com',
    `${'a'.repeat(65)}@x.com`,
    `a@${'x'.repeat(64)}.com`,
    `a@${'x.'.repeat(130)}com`,
    '@'.repeat(50_000),
    `${'a'.repeat(50_000)}@`,
    `a@x.com${' '.repeat(100_000)}b`,
  ]) {
    assert.equal(email(bad), 'invalid_email', JSON.stringify(bad.slice(0, 80)))
  }
})

test('an address may be as long as the standard has it', () => {
  assert.equal(email(`${'a'.repeat(64)}@x.com`), `${'a'.repeat(64)}@x.com`)
  const host = `${'x'.repeat(60)}.${'y'.repeat(60)}.${'z'.repeat(63)}.com`
  const local = 'a'.repeat(254 - host.length - 1)
  assert.equal(email(`${local}@${host}`), `${local}@${host}`)
  assert.equal(email(`${local}a@${host}`), 'invalid_email')
})

test('an international domain is one domain however it is written, and look-alikes are others', () => {
  assert.equal(email('a@Bücher.example'), 'a@xn--bcher-kva.example')
  assert.equal(email('a@bu\u0308cher.example'), 'a@xn--bcher-kva.example')
  assert.equal(email('a@xn--bcher-kva.example'), 'a@xn--bcher-kva.example')
  assert.equal(email('a@ｅxample.com'), 'a@example.com')
  assert.notEqual(email('a@аpple.com'), email('a@apple.com'))
  assert.notEqual(email('a@straße.de'), email('a@strasse.de'))
  assert.equal(read('a@аpple.com').display, 'a@xn--pple-43d.com')
})

test('a message goes to the very mailbox that is compared', () => {
  fc.assert(
    fc.property(localPart, fc.string({ unit: 'grapheme', minLength: 1 }), (local, host) => {
      const typed = `${local}@${host}.com`
      if (email(typed) === 'invalid_email') return
      const { value, display } = read(typed, ['email'])
      assert.equal(display.split('@')[0], local)
      assert.equal(domainToASCII(display.split('@')[1]!), value.split('@')[1])
    }),
  )
})
