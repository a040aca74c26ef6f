/** What the pages for connectors are made of. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Fields } from '#src/admin/console/fields.ts'
import {
  configForm,
  drawConfig,
  jsonOf,
  readConfig,
  readJson,
  restOf,
  withTypedSecrets,
} from '#src/admin/console/messaging/config-form.ts'
import { moved } from '#src/admin/console/messaging/connectors.ts'
import { fallbackOf } from '#src/admin/console/messaging/fallback.ts'
import { renderGuide } from '#src/admin/console/messaging/markdown.ts'

const schema = {
  properties: {
    host: { type: 'string' },
    port: { type: 'integer' },
    secure: { type: 'boolean' },
    requireTLS: { type: 'boolean', default: true },
    debug: { type: 'boolean', unused: true },
    apiKey: { type: 'string', secret: true },
    auth: {
      type: 'object',
      properties: {
        type: { type: 'string', unused: true },
        user: { type: 'string' },
        pass: { type: 'string', secret: true },
      },
    },
    templates: { type: 'array', items: { type: 'object' } },
  },
  required: ['host', 'port', 'apiKey'],
}
const form = configForm(schema)

const sent = (values: Record<string, string>): Fields => ({
  text: (name) => values[name] ?? '',
  all: (name) => (values[name] ? [values[name]] : []),
  lines: (name) => (values[name] ?? '').split('\n').filter(Boolean),
  has: (name) => name in values,
  number: (name) => (/^\d+$/.test(values[name] ?? '') ? Number(values[name]) : null),
})

const before = {
  host: 'a.example',
  port: 587,
  requireTLS: true,
  apiKey: '••••abcd',
  auth: { type: 'login', user: 'me', pass: '••••' },
  debug: false,
  templates: [{ usageType: 'SignIn' }],
}

test('a form that is sent as it was drawn changes nothing', () => {
  const fields = Object.fromEntries(
    drawConfig(form, before)
      .filter(({ kind, chosen }) => kind !== 'switch' || chosen.includes('true'))
      .map(({ path, value }) => [path, value]),
  )
  assert.equal(fields['config.apiKey'], '')
  assert.deepEqual(readConfig(form, sent(fields), restOf(form, before), before), before)
})

test('a group whose fields are all empty is gone, with its secret', () => {
  const fields = sent({
    'config.host': 'b.example',
    'config.port': 'many',
    'config.secure': 'true',
  })
  assert.deepEqual(readConfig(form, fields, restOf(form, before), before), {
    host: 'b.example',
    port: 'many',
    secure: true,
    requireTLS: false,
    apiKey: '••••abcd',
    debug: false,
    templates: [{ usageType: 'SignIn' }],
  })
})

test('in the JSON no secret is readable, and one that was typed survives it', () => {
  const typed = { ...before, apiKey: 'typed just now' }
  const json = readJson(jsonOf(form, typed))!
  assert.equal(json.apiKey, '••••')
  const fields = sent({ 'config.apiKey': 'typed just now' })
  assert.equal(withTypedSecrets(form, json, fields).apiKey, 'typed just now')
  for (const text of ['', '[]', 'null', '"x"', '{']) assert.equal(readJson(text), null)
})

const one = (id: string, countries: string[] | null = null, more: object = {}) => ({
  id,
  channels: ['sms' as const],
  countries,
  enabled: true,
  faults: [],
  ...more,
})

test('who is asked for a country is who serves it or everywhere, in order', () => {
  const list = [
    one('alps', ['CH', 'AT']),
    one('main'),
    one('swiss', ['CH']),
    one('off', null, { enabled: false }),
    one('broken', null, { faults: [{}] }),
    one('mail', null, { channels: ['email'] }),
  ]
  assert.deepEqual(fallbackOf(list, 'sms'), {
    channel: 'sms',
    order: ['main'],
    byCountry: [
      { countries: ['AT'], order: ['alps', 'main'] },
      { countries: ['CH'], order: ['alps', 'main', 'swiss'] },
    ],
  })
  assert.deepEqual(fallbackOf(list, 'email').order, ['mail'])
  assert.deepEqual(fallbackOf([], 'sms').order, [])
})

test('one changes places with its neighbour of the same channel', () => {
  const list = [one('a'), one('mail', null, { channels: ['email'] }), one('b'), one('c')]
  assert.deepEqual(moved(list, 'b', 'sms', 'up'), ['b', 'mail', 'a', 'c'])
  assert.deepEqual(moved(list, 'a', 'sms', 'up'), ['a', 'mail', 'b', 'c'])
  assert.deepEqual(moved(list, 'c', 'sms', 'down'), ['a', 'mail', 'b', 'c'])
  assert.deepEqual(moved(list, 'nobody', 'sms', 'up'), ['a', 'mail', 'b', 'c'])
})

test('a guide runs nothing and leads nowhere but to the web and to itself', () => {
  const { html, parts } = renderGuide(
    [
      '# Title',
      '## One `part` <b onclick="x()">',
      '<script>alert(1)</script> <img src=x onerror=y>',
      '[a](javascript:alert(1)) [b](JAVASCRIPT:x) [c](https://example.com/?a="b) [d](#one-part)',
      '[e](data:text/html,x) ![f](https://example.com/pixel.png) <https://example.com/g>',
      '',
      '| `x` | y |\n| --- | --- |\n| <i>1</i> | [z](/admin) |',
    ].join('\n\n'),
  )
  assert.doesNotMatch(html, /<(?:script|img|b|i)\b|href="(?:javascript|data|\/)/i)
  assert.match(html, /<a href="https:\/\/example\.com\/g" target="_blank" rel="noopener">/)
  assert.match(html, /<a href="#guide-one-part">d<\/a>/)
  assert.equal(parts.length, 1)
})
