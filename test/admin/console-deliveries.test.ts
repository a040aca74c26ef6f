import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { database } from '../oidc/provider.ts'
import { startServer } from '../support/server.ts'
import { accepts, refuses, startTwilio } from '../support/twilio-double.ts'
import { becomeOwner } from './console.ts'

const scope = { after }
const twilio = await startTwilio(scope)
const server = await startServer(scope)
const sql = database(scope, server)
const { owner } = await becomeOwner(server)
const open = (path: string) => owner.open(`${server.baseUrl}/admin/${path}`)

await open('connectors/new/twilio-sms')
await owner.submit('new/twilio-sms', {
  id: 'sms-main',
  'config.accountSID': 'ACtest',
  'config.authToken': 'a-token',
  'config.fromNumber': '+15550100',
  'config.baseUrl': twilio.baseUrl,
})
twilio.answer = refuses(400, 21211)
await owner.submit('connectors/sms-main', { to: '+41791234567', do: 'test' })
twilio.answer = accepts
await owner.submit('connectors/sms-main', { to: '+4915112345678', do: 'test' })

const rows = (html: string) => html.match(/\/admin\/deliveries\/[\w-]{36}/g) ?? []

test('messages are found by what the address bar says', async () => {
  const all = await open('deliveries')
  // Both tests, and the code by which the owner proved an address.
  assert.equal(rows(all.html).length, 3)
  for (const [query, count] of [
    ['channel=sms', 2],
    ['channel=sms&state=failed', 1],
    ['connectorId=sms-main&country=de', 1],
    ['recipient=%2B41%2079%20123%2045%2067', 1],
    ['recipient=owner%40example.com', 1],
    ['test=true', 2],
    ['since=2020-01-01&until=2020-01-02', 0],
    ['since=2020-01-01', 3],
  ] as const) {
    const found = await open(`deliveries?${query}`)
    assert.equal(found.status, 200, query)
    assert.equal(rows(found.html).length, count, query)
  }
  await open('deliveries?channel=sms')
  const found = await owner.submit('deliveries', { state: 'accepted' })
  assert.match(found.url, /channel=sms&state=accepted/)
  assert.equal(rows(found.html).length, 1)
  assert.ok(!all.html.includes('791234567') && !all.html.includes('15112345678'))
})

test('where many had to be looked at, the page says that there is more', async () => {
  await sql(
    `insert into deliveries (id, channel, recipient_hash, recipient_masked, usage_type, state,
                             created_at, expires_at, finished_at)
     select 'many' || n, 'sms', '', '+41•••67', 'SignIn', 'accepted', at, at, at
       from generate_series(1, 20001) n, lateral (select now() - n * interval '1 second') as a (at)`,
  )
  const first = await open('deliveries?state=dropped')
  assert.match(first.text, /No message fits so far/)
  const [, next] = /href="\/admin\/(deliveries\?state=dropped&amp;cursor=[^"]+)"/.exec(first.html)!
  const last = await open(next!.replaceAll('&amp;', '&'))
  assert.match(last.text, /No message fits\. Ask for less/)
  assert.doesNotMatch(last.html, /cursor=/)
  await sql(`delete from deliveries where id like 'many%'`)
})

test('what can not be looked for is told beside its field', async () => {
  for (const query of ['recipient=nobody', 'since=yesterday', 'country=Bern', 'state=lost']) {
    const { status, html, text } = await open(`deliveries?${query}`)
    assert.equal(status, 422, query)
    assert.match(html, /class="summary"/, query)
    assert.doesNotMatch(text, /No message fits/)
  }
})

test('a message tells what happened to it, and leads to its sign-in', async () => {
  const { html } = await open('deliveries?channel=sms&state=failed')
  const { text } = await open(rows(html)[0]!.slice('/admin/'.length))
  assert.match(text, /Recipient \+41•••67 · Switzerland/)
  assert.match(text, /Failed: sms-main .* UTC 21211: The number ••• was refused · \d+ ms/)
  assert.match(text, /A test of an admin/)

  const mine = await open('deliveries?channel=email')
  const path = rows(mine.html)[0]!.slice('/admin/'.length)
  const [row] = await sql<{ interaction_uid: string }>(
    "select interaction_uid from deliveries where channel = 'email'",
    [],
  )
  const shown = await open(path)
  assert.ok(shown.html.includes(`/admin/audit?interaction=${row!.interaction_uid}`))
  assert.match(shown.text, /avouch-console/)
  assert.ok(!shown.html.includes('/admin/clients/avouch-console'), 'which has no page')

  await sql(
    "update deliveries set receipt_state = 'undelivered', receipt_code = '30003', receipt_at = now()",
  )
  assert.match((await open(path)).text, /Not delivered \(30003\)/)
  await sql("update deliveries set receipt_state = null, finished_at = now() - interval '1 hour'")
  assert.doesNotMatch((await open(path)).html, /data-follow/)
})

test('a list that is long is read page by page', async () => {
  await sql(
    `insert into deliveries (id, channel, recipient_hash, recipient_masked, usage_type, state, test, created_at, expires_at)
     select 'filler-' || n, 'email', '\\x00', 'x•••@example.com', 'SignIn', 'dropped', false, now() - n * interval '1 minute', now()
       from generate_series(1, 120) n`,
  )
  const first = await open('deliveries?state=dropped')
  const [, next] = /class="next"><a[^>]*href="([^"]+)"/.exec(first.html)!
  const second = await owner.open(new URL(next!.replaceAll('&amp;', '&'), server.baseUrl))
  assert.match(second.url, /state=dropped/)
  assert.notEqual(first.html.match(/filler-\d+/)![0], second.html.match(/filler-\d+/)![0])
})
