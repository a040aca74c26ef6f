import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startServer } from '../support/server.ts'
import { becomeOwner } from './console.ts'
import { logOf } from './log.ts'

const server = await startServer({ after })
const log = logOf({ after }, server)
const { owner } = await becomeOwner(server)
const path = `${server.baseUrl}/admin/audit`
const open = (search = '') => owner.open(`${path}${search && `?${search}`}`)

const ada = { interaction_uid: 'i-ada', user_id: 'ada', client_id: 'shop', address: '192.0.2.17' }
await log.happened(
  { ...ada, event: 'sign_in.started' },
  { ...ada, event: 'message.queued', channel: 'sms', country: 'CH', target: 'delivery-1' },
  {
    ...ada,
    event: 'verification.failed',
    channel: 'sms',
    country: 'CH',
    method: 'sms-code',
    result: 'incorrect_code',
    reference: 'R7K2M9',
  },
  {
    ...ada,
    event: 'sign_in.completed',
    method: 'sms-code',
    result: 'aal1',
    detail: '{"note":"<b>bold</b>"}',
  },
  { event: 'moon.landed', actor_kind: 'person', actor_id: 'neil', target: '=1+1' },
)

/** The events in the table, in its order. */
const eventsIn = (html: string): string[] =>
  [...html.matchAll(/<td class="broad"><a href="[^"]*">([^<]*)</g)].map(([, words]) => words ?? '')

test('an event is a sentence with its key, and one without words is shown as it is', async () => {
  const { html, text, status } = await open()
  assert.equal(status, 200)
  const [first, second] = eventsIn(html)
  assert.equal(first, 'moon.landed')
  assert.equal(second, 'Signed in')
  for (const shown of ['sign_in.completed', 'wrong code', 'incorrect_code', 'kept for 365 days']) {
    assert.ok(text.includes(shown), shown)
  }
  assert.ok(html.includes('href="/admin/users/ada"') && html.includes('href="/admin/clients/shop"'))
})

test('a reference that somebody was told finds what happened', async () => {
  await open()
  const found = await owner.submit((form) => form.names.has('reference'), { reference: ' R7K2M9 ' })
  assert.deepEqual(eventsIn(found.html), ['A proof failed'])
  assert.equal(new URL(found.url).search, '?reference=+R7K2M9+')
})

test('filters are in the address and find what they say', async () => {
  for (const [search, expected] of [
    ['event=moon.*', ['moon.landed']],
    ['user=ada&result=aal1', ['Signed in']],
    ['actor=neil', ['moon.landed']],
    ['client=shop&channel=sms&country=ch', ['A proof failed', 'A message was asked for']],
    ['address=192.0.2.0/24&event=sign_in.*', ['Signed in', 'Began to sign in']],
    ['interaction=i-ada&method=sms-code', ['Signed in', 'A proof failed']],
    ['target=delivery-1&period=24h', ['A message was asked for']],
    ['user=ada&period=custom&since=2020-01-01T00:00&until=2020-01-02', []],
    ['text=BOLD', ['Signed in']],
  ] as const) {
    const { html, status } = await open(search)
    assert.equal(status, 200, search)
    assert.deepEqual(eventsIn(html), expected, search)
  }
  const { html } = await open('user=ada&period=24h')
  assert.match(html, /name="user"[^>]*value="ada"|value="ada"[^>]*name="user"/)
  assert.match(html, /<details class="more" open/)
  assert.match(html, /export\?format=csv&amp;user=ada&amp;period=24h"/)
})

test('what was typed wrong is told beside its field', async () => {
  for (const search of [
    'address=here',
    'event=a%20b',
    'country=Moon',
    'period=custom&since=today',
  ]) {
    const { status, html } = await open(search)
    const field = search.split('&').at(-1)!.split('=')[0]
    assert.equal(status, 422, search)
    assert.ok(html.includes(`id="field-${field}-error"`), search)
    assert.equal((await owner.open(`${path}/export?format=csv&${search}`)).status, 422, search)
  }
  assert.equal((await open('cursor=x')).status, 422)
  assert.equal((await owner.open(`${path}/export?format=exe`)).status, 422)
})

test('what there is more of is on the next page, each event once', async () => {
  await log.happened(...Array.from({ length: 60 }, (_, n) => ({ event: 'crowd', target: `t${n}` })))
  const first = await open('event=crowd')
  assert.equal(eventsIn(first.html).length, 50)
  const next = /href="(\/admin\/audit\?event=crowd&amp;cursor=[^"]+)"/.exec(first.html)?.[1]
  assert.ok(next)
  const second = await owner.open(`${server.baseUrl}${next.replaceAll('&amp;', '&')}`)
  assert.equal(eventsIn(second.html).length, 10)
  const hrefs = [first, second].flatMap(({ html }) => html.match(/\/admin\/audit\/\d+/g) ?? [])
  assert.equal(new Set(hrefs).size, 60)
})

test('an event shows all that is known, and the whole sign-in that it belongs to', async () => {
  const { html } = await open('event=sign_in.completed&user=ada')
  const event = /href="(\/admin\/audit\/\d+)"/.exec(html)![1]
  const page = await owner.open(`${server.baseUrl}${event}`)
  assert.equal(page.status, 200)
  assert.match(page.text, /Began to sign in.*A message was asked for.*A proof failed.*Signed in/)
  assert.match(page.html, /<li aria-current="true">.*?<strong>Signed in<\/strong>/s)
  // Whatever the details hold, they stay a text.
  assert.ok(page.html.includes('&lt;b&gt;bold&lt;/b&gt;') && !page.html.includes('<b>bold'))
  assert.ok(page.html.includes('href="/admin/audit?address=192.0.2.17"'))

  const message = await open('event=message.queued&user=ada')
  const queued = /href="(\/admin\/audit\/\d+)"/.exec(message.html)![1]
  const { html: about } = await owner.open(`${server.baseUrl}${queued}`)
  assert.ok(about.includes('href="/admin/deliveries/delivery-1"'))
  assert.equal((await owner.open(`${path}/0`)).status, 404)
  assert.equal((await owner.open(`${path}/here`)).status, 404)
})

test('what has no page of its own is told without a link to one', async () => {
  const own = ['avouch-console', 'avouch-account', 'avouch-cli', 'avouch-try-0123']
  await log.happened(
    ...own.map((client_id) => ({ event: 'page.less', client_id })),
    { event: 'page.less', actor_kind: 'client', actor_id: 'avouch-cli' },
    { event: 'page.less', client_id: 'management', connector: 'inbox' },
    { event: 'connector.page_less', target: 'inbox', client_id: 'new' },
  )
  const dead = /\/admin\/clients\/avouch-|\/admin\/connectors\/inbox|\/admin\/clients\/new"/
  for (const search of ['event=page.less', 'event=connector.page_less']) {
    const { html } = await open(search)
    assert.doesNotMatch(html, dead, search)
    for (const [path] of html.matchAll(/\/admin\/audit\/\d+/g)) {
      assert.doesNotMatch((await owner.open(server.baseUrl + path)).html, dead, search)
    }
  }
  assert.ok((await open('event=page.less')).html.includes('href="/admin/clients/management"'))
})

test('an export takes the filters along, and defuses formulas', async () => {
  const csv = await owner.open(`${path}/export?format=csv&event=moon.*`)
  assert.match(csv.headers.get('content-type') ?? '', /^text\/csv/)
  assert.match(csv.headers.get('content-disposition') ?? '', /attachment; filename="audit-/)
  const lines = csv.html.trim().split('\r\n')
  assert.equal(lines.length, 2)
  assert.ok(lines[1]!.includes("'=1+1"))
  const ndjson = await owner.open(`${path}/export?format=ndjson&user=ada`)
  assert.equal(ndjson.html.trim().split('\n').length, 4)
  assert.deepEqual(eventsIn((await open('event=audit.exported')).html).length, 2)
})

test('the help desk reads the log without links to what it may not see', async () => {
  await log.query("update admins set role = 'support'")
  await log.happened({ event: 'connector.changed', target: 'sms-main', connector: 'sms-main' })
  const { status, html } = await open('event=connector.changed')
  assert.equal(status, 200)
  assert.deepEqual(eventsIn(html), ['A connector was changed'])
  assert.ok(!html.includes('/admin/connectors/sms-main'))
  assert.ok((await open('user=ada')).html.includes('192.0.2.17'))
  await log.query("update admins set role = 'owner'")
})
