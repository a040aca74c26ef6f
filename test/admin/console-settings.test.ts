import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { database } from '../oidc/provider.ts'
import { startServer } from '../support/server.ts'
import { becomeOwner } from './console.ts'

const server = await startServer({ after }, { config: { codes: { tries: 4 } } })
const sql = database({ after }, server)
const { owner } = await becomeOwner(server)
const open = (path: string) => owner.open(`${server.baseUrl}/admin/${path}`)
const valueIn = (html: string, name: string) =>
  new RegExp(`name="${name}"[^>]*value="([^"]*)"`).exec(html)?.[1]

test('what is saved is in force, and said', async () => {
  await open('settings')
  const saved = await owner.submit('settings', { 'codes.length': '8' })
  assert.match(saved.text, /Saved/)
  assert.equal(valueIn(saved.html, 'codes.length'), '8')
  assert.equal(valueIn((await open('settings')).html, 'codes.length'), '8')
})

test('what the configuration file holds can not be typed over', async () => {
  const { html } = await open('settings')
  assert.match(html, /name="codes.tries"[^>]*disabled/)
  assert.match(html, /The configuration file holds this/)
  await owner.post(`${server.baseUrl}/admin/settings`, { 'codes.tries': '9' })
  assert.equal(valueIn((await open('settings')).html, 'codes.tries'), '4')
})

test('a fault is told beside its field, and what was typed is kept', async () => {
  await open('settings')
  const { status, html, text } = await owner.submit('settings', {
    'codes.length': '3',
    'limits.sendsPerHour': 'many',
  })
  assert.equal(status, 422)
  assert.match(text, /Digits of a code ?: has to be at least 6/)
  assert.equal(valueIn(html, 'codes.length'), '3')
  assert.equal(valueIn(html, 'limits.sendsPerHour'), 'many')
  assert.match(html, /id="field-codes-length-error"/)
})

test('the order of the ways is what the numbers say', async () => {
  await open('experience')
  await owner.submit('experience', {
    'signIn.methods:sms-code': '0',
    'signIn.methods:email-link': '2',
  })
  const [row] = await sql<{ value: string }>(
    "select value from settings where section = 'signIn'",
    [],
  )
  assert.deepEqual(JSON.parse(row!.value).methods, [
    'sms-code',
    'email-link',
    'email-code',
    'password',
    'passkey',
  ])
})

test('of two admins who save at once, one is told, and loses nothing', async () => {
  await open('settings')
  const other = owner.copy()
  await owner.submit('settings', { 'limits.failures': '11' })
  const { status, html, text } = await other.submit('settings', { 'limits.failures': '12' })
  assert.equal(status, 412)
  assert.match(text, /Somebody else has changed this meanwhile/)
  assert.equal(valueIn(html, 'limits.failures'), '12')
  const again = await other.submit('settings')
  assert.equal(again.status, 200)
  assert.equal(valueIn(again.html, 'limits.failures'), '12')
})

test('whoever may only read sees what is set, and changes nothing', async () => {
  await sql("update admins set role = 'read-only'")
  const { html } = await open('settings')
  assert.doesNotMatch(html, /type="submit">Save/)
  const { status } = await owner.post(`${server.baseUrl}/admin/settings`, { 'codes.length': '7' })
  assert.equal(status, 403)
  await sql("update admins set role = 'support'")
  assert.equal((await open('settings')).status, 403)
  await sql("update admins set role = 'owner'")
})

test('an event of the log shows what was set, and no code that signs somebody in', async () => {
  await open('settings')
  const codes = { 'codes.length': '6', testIdentifiers: 'robot@example.com 739154' }
  assert.match((await owner.submit('settings', codes)).text, /Saved/)
  await sql("update admins set role = 'support'")
  const { html } = await open('audit?event=settings.changed')
  const [event] = /audit\/\d+/.exec(html)!
  const page = await open(event)
  assert.match(page.text, /robot@example\.com/)
  assert.doesNotMatch(page.html, /739154/)
  await sql("update admins set role = 'owner'")
})

test('seconds are told as people say them', async () => {
  const { html } = await open('settings')
  assert.match(html, /id="field-session-idleSeconds-hint">= 14 days</)
  assert.match(html, /id="field-codes-smsTtlSeconds-hint">= 5 minutes</)
  const german = await open('settings?lang=de')
  assert.match(german.html, /id="field-limits-lockSeconds-hint">= 15 Minuten</)
  await open('settings?lang=en')
})

test('a fault is told in the language of the admin', async () => {
  await open('settings?lang=de')
  const { status, html, text } = await owner.submit('settings', {
    'codes.length': '3',
    'limits.sendsPerHour': 'viele',
  })
  assert.equal(status, 422)
  assert.match(text, /muss mindestens 6 sein/)
  assert.match(text, /muss eine ganze Zahl sein|muss eine Zahl sein/)
  assert.doesNotMatch(html, /has to be/)
  await open('settings?lang=en')
})

test('APIs are added, changed and taken away, and an application can then have their scopes', async () => {
  await open('settings')
  const added = await owner.submit('settings', {
    'resources.0.indicator': 'https://orders.example.com',
    'resources.0.scopes': 'orders:read  orders:write',
  })
  assert.match(added.text, /Saved/)
  assert.equal(valueIn(added.html, 'resources.0.scopes'), 'orders:read orders:write')
  assert.equal(valueIn(added.html, 'resources.0.accessTokenTtlSeconds'), '900')
  assert.equal(valueIn(added.html, 'resources.1.indicator'), '')

  const faulty = await owner.submit('settings', {
    'resources.0.accessTokenTtlSeconds': 'soon',
    'resources.1.indicator': 'stock.example.com#part',
    'resources.1.scopes': 'stock:"read"',
  })
  assert.equal(faulty.status, 422)
  assert.match(faulty.html, /id="field-resources-1-indicator-error"/)
  assert.match(faulty.html, /id="field-resources-1-scopes-error"/)
  assert.match(faulty.html, /id="field-resources-0-accessTokenTtlSeconds-error"/)
  assert.equal(valueIn(faulty.html, 'resources.1.indicator'), 'stock.example.com#part')
  assert.match(faulty.text, /Address, such as \S+ ?: has to be an absolute URI/)

  const two = await owner.submit('settings', {
    'resources.0.accessTokenTtlSeconds': '600',
    'resources.1.indicator': 'https://stock.example.com',
    'resources.1.scopes': 'stock:read',
  })
  assert.match(two.text, /Saved/)
  const one = await owner.submit('settings', {
    'resources.0.indicator': '',
    'resources.0.scopes': '',
  })
  assert.equal(valueIn(one.html, 'resources.0.indicator'), 'https://stock.example.com')
  assert.equal(valueIn(one.html, 'resources.1.indicator'), '')
})
