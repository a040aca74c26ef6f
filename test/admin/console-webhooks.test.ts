import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Webhook } from 'standardwebhooks'
import type { Form } from '../support/forms.ts'
import { startServer } from '../support/server.ts'
import { receiver } from '../webhooks/receiver.ts'
import { becomeOwner } from './console.ts'
import { logOf } from './log.ts'

const server = await startServer({ after })
const log = logOf({ after }, server)
const { owner } = await becomeOwner(server)
const root = `${server.baseUrl}/admin/webhooks`
const open = (path = '') => owner.open(`${root}${path}`)

/** Makes one in the console. @returns its id, and the secret that is shown */
const make = async (url: string, events: string | string[] = 'user.*') => {
  await open('/new')
  const { html, status } = await owner.submit('webhooks/new', { url, events, description: 'Shop' })
  assert.equal(status, 200)
  const secret = /<pre[^>]*>(whsec_[^<]+)</.exec(html)?.[1]
  const id = /href="\/admin\/webhooks\/([^"/]+)"/.exec(html.slice(html.indexOf('<main')))?.[1]
  assert.ok(secret && id)
  return { id, secret: secret.replaceAll('&#43;', '+') }
}

/** What changes a webhook; the filter of its deliveries leads to the same page. */
const formOf =
  (id: string) =>
  ({ method, action }: Form): boolean =>
    method === 'POST' && action.endsWith(`/${id}`)

/** A page, once it is as meant. */
const once = async (path: string, is: (html: string) => boolean) => {
  const deadline = Date.now() + 20_000
  for (;;) {
    const visit = await open(path)
    if (is(visit.html)) return visit
    assert.ok(Date.now() < deadline, visit.text)
    await sleep(100)
  }
}

test('where there is no webhook, the page says what one is for', async () => {
  const { text } = await open()
  assert.ok(text.includes('There is no webhook yet'))
})

test('a webhook is made, its secret shown once, tested and told', async (t) => {
  const one = await receiver(t)
  const { id, secret } = await make(one.url, ['user.*', 'webhook.tested'])
  for (const path of ['', `/${id}`]) assert.ok(!(await open(path)).html.includes(secret))
  assert.ok((await open()).text.includes('Nothing sent yet'))

  await open(`/${id}`)
  const tested = await owner.submit('test')
  assert.ok(/The test arrived\. Answered 20\d/.test(tested.text), tested.text)
  const sent = await one.until(({ message }) => message.type === 'webhook.test')
  new Webhook(secret).verify(sent.body, sent.headers as Record<string, string>)

  await log.happened({ event: 'user.created', user_id: 'ada' })
  const page = await once(`/${id}`, (html) => html.includes('user.created</code></a>'))
  await once('', (html) => html.includes('Works'))
  const delivery = new RegExp(`/admin/webhooks/${id}(/deliveries/[^"]+)`).exec(page.html)![1]!
  const { text, html } = await open(`/${id}${delivery}`)
  assert.ok(
    text.includes('&quot;userId&quot;') || html.includes('&quot;userId&quot;: &quot;ada&quot;'),
  )
  assert.ok(/href="\/admin\/audit\/\d+"/.test(html))
})

test('where many deliveries had to be looked at, the page says that there is more', async (t) => {
  const { id } = await make((await receiver(t)).url)
  await log.query(
    `insert into webhook_deliveries (id, webhook_id, event_id, event, body, state)
     select 'many' || n, $1, -n, 'user.created', '{}', 'delivered' from generate_series(1, 20001) n`,
    [id],
  )
  const first = await open(`/${id}?state=dead`)
  assert.ok(first.text.includes('Nothing fits so far'), first.text)
  const [, next] = /\?(state=dead&amp;cursor=[^"]+)"/.exec(first.html)!
  const last = await open(`/${id}?${next!.replaceAll('&amp;', '&')}`)
  assert.ok(last.text.includes('Nothing within the last 30 days'))
})

test('what was given up is seen, and sent again', async (t) => {
  const one = await receiver(t)
  one.behave((response) => response.writeHead(500).end())
  const { id } = await make(one.url)
  await log.happened({ event: 'user.changed', user_id: 'ada' })
  await once(`/${id}`, (html) => html.includes('Answered 500'))
  await log.query(
    `update webhook_deliveries set attempts = 7, next_at = now() where webhook_id = $1`,
    [id],
  )
  const dead = await once(`/${id}?state=dead`, (html) =>
    html.includes('<span class="state bad">Given up'),
  )
  assert.ok(dead.text.includes('some were given up'))
  assert.ok((await open()).text.includes('some were given up'))
  one.behave((response) => response.writeHead(204).end())
  const delivery = new RegExp(`/admin/webhooks/${id}(/deliveries/[^"]+)`).exec(dead.html)![1]!
  await open(`/${id}${delivery}`)
  const replayed = await owner.submit('replay')
  assert.equal(replayed.status, 200)
  await once(`/${id}${delivery}`, (html) => html.includes('Delivered'))
  // It is of that webhook and of no other.
  const other = await make(one.url)
  assert.equal((await open(`/${other.id}${delivery}`)).status, 404)
})

test('what is wrong is told beside its field, and what was typed is kept', async () => {
  await open('/new')
  const { status, html } = await owner.submit('webhooks/new', {
    url: 'http://192.168.1.1/hook',
    events: 'sign_in.*',
    more: 'Not An Event',
  })
  assert.equal(status, 422)
  assert.ok(html.includes('id="field-events-error"'))
  assert.ok(html.includes('value="http://192.168.1.1/hook"'))
  assert.ok(/id="event-sign_in"[^>]*checked/.test(html))
  const private_ = await owner.submit('webhooks/new', { more: '' })
  assert.equal(private_.status, 422)
  assert.ok(private_.html.includes('id="field-url-error"'))
  await open('/new')
  const none = await owner.submit('webhooks/new', { url: 'https://hooks.example.com/' })
  assert.equal(none.status, 422)
  assert.ok(none.html.includes('id="field-events-error"'))
  await open('/new')
  const odd = await owner.submit('webhooks/new', {
    url: 'https://hooks.example.com/',
    events: 'sign_in.*',
    description: 'a\0b',
  })
  assert.equal(odd.status, 422)
  assert.ok(odd.html.includes('id="field-description-error"'))
})

test('of two admins who save at once, one is told, and loses nothing', async (t) => {
  const one = await receiver(t)
  const { id } = await make(one.url)
  await open(`/${id}`)
  const other = owner.copy()
  const saved = await owner.submit(formOf(id), { description: 'First', more: 'moon.*' })
  assert.ok(saved.text.includes('Saved') && saved.text.includes('First'))
  assert.ok(saved.html.includes('>moon.*</textarea>'))
  const late = await other.submit(formOf(id), { description: 'Second' })
  assert.equal(late.status, 412)
  assert.ok(late.html.includes('value="Second"'))
  assert.equal((await other.submit(formOf(id))).status, 200)
  assert.ok((await open(`/${id}`)).html.includes('value="Second"'))
})

test('a secret is replaced: both sign, or the old one ends at once', async (t) => {
  const one = await receiver(t)
  const { id, secret } = await make(one.url)
  await open(`/${id}`)
  const { html, text } = await owner.submit('secret')
  const fresh = /<pre[^>]*>(whsec_[^<]+)</.exec(html)?.[1]
  assert.ok(fresh && fresh !== secret)
  assert.ok(text.includes('Both secrets sign until'))
  await open(`/${id}`)
  const { text: atOnce } = await owner.submit('secret', { atOnce: 'on' })
  assert.ok(!atOnce.includes('Both secrets sign until'))
})

test('a webhook that is switched off says so; one that is deleted is gone', async (t) => {
  const one = await receiver(t)
  const { id } = await make(one.url)
  await open(`/${id}`)
  const off = await owner.submit(formOf(id), { enabled: [] })
  assert.ok(off.text.includes('Switched off'), off.text)
  await open(`/${id}/delete`)
  const deleted = await owner.submit('delete')
  assert.ok(deleted.text.includes('Deleted'))
  assert.equal((await open(`/${id}`)).status, 404)
  assert.equal((await open('/none')).status, 404)
  const { id: kept } = await make(one.url)
  await log.query("update console_sessions set authenticated_at = now() - interval '1 hour'")
  await open(`/${kept}/delete`)
  const { hops } = await owner.submit('delete')
  assert.ok(
    hops.some((hop) => hop.includes('/admin/sign-in?') && hop.includes('fresh=1')),
    'a fresh sign-in is asked for',
  )
  assert.equal((await open(`/${kept}`)).status, 200)
})

test('whoever may only read sees no buttons, and changes nothing', async (t) => {
  const one = await receiver(t)
  const { id } = await make(one.url)
  await log.query("update admins set role = 'read-only'")
  const { html } = await open(`/${id}`)
  for (const button of ['Send a test', 'Make a new secret', 'Delete the webhook']) {
    assert.ok(!html.includes(button), button)
  }
  assert.ok(!(await open()).html.includes('/admin/webhooks/new'))
  assert.equal((await open('/new')).status, 403)
  for (const path of ['/new', `/${id}`, `/${id}/test`, `/${id}/secret`, `/${id}/delete`]) {
    assert.equal((await owner.post(`${root}${path}`, { version: '1' })).status, 403, path)
  }
  await log.query("update admins set role = 'support'")
  assert.equal((await open()).status, 403)
  await log.query("update admins set role = 'owner'")
})
