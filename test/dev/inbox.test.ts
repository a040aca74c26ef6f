import assert from 'node:assert/strict'
import { request } from 'node:http'
import { test } from 'node:test'
import { partsOf } from '#src/dev/inbox/present.ts'
import { arabic, email, hostile, textMessage } from './messages.ts'
import { listen, serveInbox } from './servers.ts'

const openInbox = async (t: { after(work: () => Promise<void>): void }, ...messages: unknown[]) => {
  const server = await listen()
  t.after(server.close)
  const kept = [...messages] as (typeof email)[]
  serveInbox(server, kept)
  return { kept, url: server.url, inbox: `${server.url}/dev/inbox` }
}

/** `fetch` lets nobody choose the Host. */
const statusFor = (url: string, headers: { [name: string]: string }): Promise<number> =>
  new Promise((resolve, reject) => {
    request(url, { headers }, (response) => {
      response.resume()
      resolve(response.statusCode!)
    })
      .on('error', reject)
      .end()
  })

test('the inbox shows messages newest first, with code, link and what a text message costs', async (t) => {
  const { inbox } = await openInbox(t, textMessage, email)
  const html = await (await fetch(inbox)).text()
  assert.ok(html.indexOf('617204') < html.indexOf('482913'), 'the newer email comes first')
  assert.match(html, /to <bdi>\+1 201 555 0123<\/bdi>/)
  assert.match(html, /1 segment, GSM-7/)
  assert.match(html, /<a [^>]*href="http:\/\/localhost:3000\/l\/3vQ8yq0Zx2mS5n7bT1cD4e"/)
  assert.doesNotMatch(html, /because of/)
  assert.match(html, /<strong>482913<\/strong> is your code/)
})

test('the inbox names the character that makes a text message dearer', async (t) => {
  const { inbox } = await openInbox(t, arabic)
  assert.match(await (await fetch(inbox)).text(), /1 segment, UCS-2 because of “ه”/)
})

test('the JSON is an array, oldest first, whose members are all there, null where absent', async (t) => {
  const { inbox } = await openInbox(t, textMessage, email)
  const response = await fetch(`${inbox}/messages`)
  assert.match(response.headers.get('content-type')!, /^application\/json/)
  assert.equal(response.headers.get('cache-control'), 'no-store')
  const messages = (await response.json()) as unknown[]
  assert.deepEqual(messages, [
    { ...textMessage, createdAt: '2026-11-20T09:30:00.000Z' },
    { ...email, createdAt: '2026-11-20T09:31:00.000Z' },
  ])
  const members = 'id channel to usageType locale subject text html code link createdAt'
  assert.deepEqual(Object.keys(messages[0] as object), members.split(' '))
})

test('messages are found by recipient however the number or address is written', async (t) => {
  const { inbox } = await openInbox(t, textMessage, email, arabic)
  const found = async (to: string) => {
    const response = await fetch(`${inbox}/messages?${new URLSearchParams({ to })}`)
    return ((await response.json()) as { id: string }[]).map(({ id }) => id)
  }
  assert.deepEqual(await found('+1 (201) 555-0123'), ['01'])
  assert.deepEqual(await found('Anna@Example.com'), ['02'])
  assert.deepEqual(await found('nobody@example.com'), [])
  assert.deepEqual(await found('neither this nor that'), [])
  const page = await (await fetch(`${inbox}?to=%2B12015550123`)).text()
  assert.match(page, /482913/)
  assert.doesNotMatch(page, /617204/)
})

test('a recipient that is given twice or is hostile neither fails nor comes back as markup', async (t) => {
  const { inbox } = await openInbox(t, textMessage)
  assert.equal((await fetch(`${inbox}/messages?to=a&to=b`)).status, 200)
  const page = await fetch(`${inbox}?to=${encodeURIComponent('"><script>alert(1)</script>')}`)
  assert.equal(page.status, 200)
  assert.doesNotMatch(await page.text(), /<script>alert/)
})

test('the inbox can be cleared by a test and by the button', async (t) => {
  const { inbox, kept } = await openInbox(t, textMessage)
  assert.equal((await fetch(`${inbox}/messages`, { method: 'DELETE' })).status, 204)
  assert.equal(kept.length, 0)
  kept.push(email)
  const pressed = await fetch(`${inbox}/clear`, { method: 'POST', redirect: 'manual' })
  assert.equal(pressed.status, 303)
  assert.equal(pressed.headers.get('location'), '/dev/inbox')
  assert.equal(kept.length, 0)
})

test('another site can not clear the inbox', async (t) => {
  const { inbox, kept } = await openInbox(t, textMessage)
  const refusals = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
  ]
  for (const headers of refusals) {
    assert.equal((await fetch(`${inbox}/clear`, { method: 'POST', headers })).status, 403)
    assert.equal((await fetch(`${inbox}/messages`, { method: 'DELETE', headers })).status, 403)
  }
  assert.equal(kept.length, 1)
})

test('nothing of the inbox can be seen through a proxy or under another name', async (t) => {
  const { url, inbox } = await openInbox(t, email)
  const host = new URL(url).host
  const paths = [inbox, `${inbox}/messages`, `${inbox}/02/html`, `${url}/DEV/inbox`]
  const refused = [
    { host: 'evil.example' },
    { host: `evil.example:${new URL(url).port}` },
    { host: `127.0.0.1:${new URL(url).port}` },
    { host, 'x-forwarded-for': '203.0.113.9' },
    { host, 'x-forwarded-anything': '' },
    { host, forwarded: 'for=203.0.113.9' },
    { host, 'x-real-ip': '203.0.113.9' },
    { host, via: '1.1 proxy' },
  ]
  for (const path of paths) {
    for (const headers of refused) {
      assert.equal(await statusFor(path, headers), 404, `${path} ${JSON.stringify(headers)}`)
    }
  }
  assert.equal(await statusFor(inbox, { host: host.toUpperCase() }), 200)
})

test('an email is shown in a sandbox of its own, without scripts and forms', async (t) => {
  const { inbox } = await openInbox(t, email, hostile)
  const page = await (await fetch(inbox)).text()
  const frames = page.match(/<iframe[^>]*>/g)!
  assert.equal(frames.length, 2)
  for (const frame of frames) {
    assert.match(frame, /sandbox="allow-popups allow-popups-to-escape-sandbox"/)
  }

  const mail = await fetch(`${inbox}/02/html`)
  const policy = mail.headers.get('content-security-policy')!
  const [sandbox = '', ...directives] = policy.split('; ')
  assert.deepEqual(sandbox.split(' ').sort(), [
    'allow-popups',
    'allow-popups-to-escape-sandbox',
    'sandbox',
  ])
  assert.deepEqual(directives, [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    'img-src data: https:',
    "frame-ancestors 'self'",
  ])
  const html = await mail.text()
  assert.match(html, /^<!doctype html>/)
  assert.match(html, /<head><base target="_blank">/)
})

test('a message without an HTML part, and one that is not there, have no HTML page', async (t) => {
  const { inbox } = await openInbox(t, textMessage)
  assert.equal((await fetch(`${inbox}/01/html`)).status, 404)
  assert.equal((await fetch(`${inbox}/99/html`)).status, 404)
})

test('whatever a message contains, the inbox shows it as text and offers no dangerous link', async (t) => {
  const { inbox } = await openInbox(t, hostile)
  const response = await fetch(inbox)
  const html = await response.text()
  assert.doesNotMatch(html, /<script>|<img|<b>|href="javascript:/i)
  assert.match(html, /&lt;script&gt;alert\(&quot;text&quot;\)&lt;\/script&gt;/)
  const policy = response.headers.get('content-security-policy')!
  assert.match(policy, /default-src 'none'/)
  assert.match(policy, /script-src 'self'/)
  assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval|\*/)
})

test('the parts of a text, joined again, are the text', () => {
  const cases: [string, string | null, string | null][] = [
    ['', null, null],
    ['482913', null, '482913'],
    ['482913 and 482913', null, '482913'],
    ['a http://h/482913 b 482913', 'http://h/482913', '482913'],
    ['javascript:1', 'javascript:1', null],
  ]
  for (const [text, link, code] of cases) {
    const parts = partsOf(text, link, code)
    assert.equal(parts.map(({ value }) => value).join(''), text)
  }
  assert.deepEqual(
    partsOf('a http://h/482913 b 482913', 'http://h/482913', '482913').map(({ kind }) => kind),
    ['text', 'link', 'text', 'code'],
  )
})
