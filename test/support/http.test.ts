import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { cookieJar } from './cookies.ts'
import { readForms } from './forms.ts'
import { visitor } from './http.ts'
import { loopbackFetch } from './loopback.ts'

const page = `<!doctype html><title>Sign in</title>
<!-- <form action="/no"><input name="ghost"></form> -->
<form action="verify/sms-code?a=1&amp;b=2" method="post">
  <label>Code <input name=code required></label>
  <input type="hidden" name='x' value="&lt;&#39;&#x41;&quot;&gt;">
  <input type="checkbox" name="trust_device"><input type="checkbox" name="news" value="yes" checked>
  <select name="region"><option value="CH">Switzerland<option value="DE" selected>Germany</select>
  <textarea name="words">a &amp; b</textarea><input name="off" value="1" disabled>
  <button name="decision" value="allow">Allow</button><button name="decision" value="deny">No</button>
</form>`

test('a form is read as a browser would read it', () => {
  const [form, ...others] = readForms(page, 'https://id.example.com/interaction/1/')
  assert.equal(others.length, 0)
  assert.equal(form!.action, 'https://id.example.com/interaction/1/verify/sms-code?a=1&b=2')
  assert.equal(form!.method, 'POST')
  assert.deepEqual(form!.values, {
    code: '',
    x: '<\'A">',
    news: 'yes',
    region: 'DE',
    words: 'a & b',
  })
  assert.ok(form!.names.has('trust_device') && !form!.names.has('off'))
  assert.deepEqual(
    form!.buttons.map(({ value }) => value),
    ['allow', 'deny'],
  )
})

test('a cookie goes back only to where it belongs, and only while it lives', () => {
  const jar = cookieJar()
  const url = new URL('https://id.example.com/interaction/1')
  jar.store(url, [
    'here=1; Path=/interaction/1; Secure; HttpOnly',
    'all=2; Path=/',
    'gone=3; Path=/',
  ])
  jar.store(url, ['gone=; Path=/; Max-Age=0', 'all=4; Path=/'])
  const at = (place: string) => jar.header(new URL(place))
  assert.equal(at('https://id.example.com/interaction/1/state'), 'here=1; all=4')
  assert.equal(at('https://id.example.com/interaction/12'), 'all=4')
  assert.equal(at('http://id.example.com/interaction/1'), 'all=4')
  assert.equal(at('https://shop.example.com/'), '')
})

/** Says what it was asked, and redirects from `/first`. */
async function echo(t: TestContext) {
  const asked: IncomingMessage[] = []
  const server = createServer((request, response) => {
    asked.push(request)
    const [to] = { '/first': ['/second'], '/out': ['https://shop.example.com/callback'] }[
      request.url!
    ] ?? [null]
    if (to) response.writeHead(303, { location: to, 'set-cookie': 'seen=1; Path=/' }).end()
    else response.end(page)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  const fetch = loopbackFetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  return { asked, browser: visitor({ fetch, baseUrl: 'https://id.example.com' }) }
}

test('a visitor follows redirects, keeps cookies and comes under the public name', async (t) => {
  const { asked, browser } = await echo(t)
  const visit = await browser.open('/first')
  assert.equal(visit.url, 'https://id.example.com/second')
  assert.equal(visit.hops.length, 2)
  const { headers } = asked[1]!
  assert.equal(headers.host, 'id.example.com')
  assert.equal(headers['x-forwarded-proto'], 'https')
  assert.equal(headers.cookie, 'seen=1')

  const out = await browser.open('/out')
  assert.equal(out.left, 'https://shop.example.com/callback')
  assert.equal(asked.length, 3)
})

test('a visitor sends a form with its origin, and refuses a field that it does not have', async (t) => {
  const { asked, browser } = await echo(t)
  await browser.open('/interaction/1')
  await browser.submit('verify/sms-code', { code: '123456', decision: 'deny' })
  const { method, url, headers } = asked[1]!
  assert.deepEqual([method, url], ['POST', '/interaction/verify/sms-code?a=1&b=2'])
  assert.equal(headers.origin, 'https://id.example.com')
  await assert.rejects(browser.submit('verify/sms-code', { cod: '1' }), /No field cod/)
  await assert.rejects(browser.submit('identify'), /No form identify/)
})
