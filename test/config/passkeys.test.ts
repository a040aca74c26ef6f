import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settingsPatch } from '#config/settings-schema.ts'

const accepts = (...relatedOrigins: string[]) =>
  settingsPatch.safeParse({ passkeys: { relatedOrigins } }).success

test('a related origin is a site of the web, over TLS and without a path', () => {
  assert.ok(accepts('https://shop.example', 'https://shop.example:8443'))
  for (const origin of [
    'http://shop.example',
    'https://shop.example/',
    'https://shop.example/sign-in',
    'https://SHOP.example',
    'https://a:b@shop.example',
    'https://*.shop.example',
    'shop.example',
    'null',
    '',
  ]) {
    assert.equal(accepts(origin), false, origin)
  }
})

test('browsers look at five of them, so there are no more', () => {
  const origins = Array.from({ length: 6 }, (_, index) => `https://shop${index}.example`)
  assert.ok(accepts(...origins.slice(0, 5)))
  assert.equal(accepts(...origins), false)
  assert.equal(accepts('https://shop.example', 'https://shop.example'), false, 'twice')
})
