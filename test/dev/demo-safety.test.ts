import assert from 'node:assert/strict'
import { test } from 'node:test'
import { curl } from '#src/dev/demo/exchange.ts'
import { demoSessions } from '#src/dev/demo/sessions.ts'
import { browser, setUpDemo, textOf } from './servers.ts'

test("the provider's refusals come with what they mean", async (t) => {
  const { demo, start, visitor } = await setUpDemo(t)
  start()
  const cases: [query: string, code: string, meaning: RegExp][] = [
    ['prompt=none', 'login_required', /Nobody is signed in/],
    ['login_hint=nobody', 'access_denied', /The person cancelled/],
    ['prompt=nonsense', 'invalid_request', /malformed/],
    ['prompt=nonsense&pushed=1', 'invalid_request', /malformed/],
  ]
  for (const [query, code, meaning] of cases) {
    const { status, html } = await visitor.visit(`${demo.url}/sign-in?${query}`)
    assert.equal(status, 400, query)
    assert.ok(textOf(html).includes(`Error ${code}`), query)
    assert.match(textOf(html), meaning)
    assert.match(textOf(html), /What went over the wire/)
  }
})

test('an answer that this browser did not ask for signs nobody in', async (t) => {
  const { demo, start, visitor } = await setUpDemo(t)
  start()
  const begun = await visitor.send(`${demo.url}/sign-in`)
  const stranger = browser()
  const interaction = await visitor.send(begun.headers.get('location')!)
  const resumed = await visitor.send(
    new URL(interaction.headers.get('location')!, begun.headers.get('location')!).href,
  )
  const answer = (await visitor.send(resumed.headers.get('location')!)).headers.get('location')!
  assert.match(answer, /\/callback\?code=/)

  const elsewhere = await stranger.visit(answer)
  assert.equal(elsewhere.status, 400)
  assert.match(textOf(elsewhere.html), /unknown_state/)
  const tampered = new URL(answer)
  tampered.searchParams.set('state', 'another')
  assert.equal((await visitor.visit(tampered.href)).status, 400)
  assert.match(textOf((await visitor.visit(answer)).html), /Signed in as/)
  assert.equal((await visitor.visit(answer)).status, 400, 'nor does it work twice')
})

test('an answer that names another issuer is refused', async (t) => {
  const { demo, start, visitor } = await setUpDemo(t)
  start()
  const begun = await visitor.send(`${demo.url}/sign-in`)
  const state = new URL(begun.headers.get('location')!).searchParams.get('state')!
  const query = new URLSearchParams({ code: 'x', state, iss: 'https://evil.example' })
  const { status, html } = await visitor.visit(`${demo.url}/callback?${query}`)
  assert.equal(status, 400)
  assert.match(textOf(html), /check_failed/)
  const { status: initiated } = await visitor.visit(`${demo.url}/sign-in?iss=https://evil.example`)
  assert.equal(initiated, 400)
})

test("the demo's session is a cookie of its own name that scripts can not read", async (t) => {
  const { demo, start, visitor } = await setUpDemo(t)
  start()
  const [cookie = ''] = (await visitor.send(`${demo.url}/sign-in`)).headers.getSetCookie()
  assert.match(cookie, /^avouch_demo_session=[\w-]{43}; path=\/; samesite=lax; httponly$/)
  const before = visitor.jar.get('avouch_demo_session')
  await visitor.visit(`${demo.url}/sign-in`)
  assert.notEqual(visitor.jar.get('avouch_demo_session'), before, 'new at every sign-in')
})

test('pages of the demo run no foreign script and are kept nowhere', async (t) => {
  const { demo, start, visitor } = await setUpDemo(t)
  start()
  await visitor.visit(`${demo.url}/sign-in`)
  const { headers } = await visitor.send(demo.url)
  assert.equal(headers.get('cache-control'), 'no-store')
  const policy = headers.get('content-security-policy')!
  assert.match(policy, /default-src 'none'.*script-src 'self'.*frame-ancestors 'none'/)
  assert.doesNotMatch(policy, /unsafe|\*/)
  const html = await (await visitor.send(demo.url)).text()
  assert.doesNotMatch(html, /<script(?![^>]*\bsrc="\/assets\/)|\son\w+=|\sstyle=/i)
})

test('buttons of the demo do nothing for another site', async (t) => {
  const { demo, start, visitor } = await setUpDemo(t)
  start()
  await visitor.visit(`${demo.url}/sign-in`)
  for (const path of ['refresh', 'userinfo', 'sign-out', 'forget']) {
    const headers = { origin: 'https://evil.example' }
    const response = await visitor.send(`${demo.url}/${path}`, { method: 'POST', headers })
    assert.equal(response.status, 403, path)
  }
  assert.match(textOf((await visitor.visit(demo.url)).html), /Signed in as/)
})

test('buttons of a session that is gone lead to the start', async (t) => {
  const { demo, visitor } = await setUpDemo(t)
  for (const path of ['refresh', 'userinfo', 'sign-out', 'forget']) {
    assert.match(
      textOf((await visitor.post(`${demo.url}/${path}`)).html),
      /Nobody is signed in here/,
    )
  }
})

test('sessions make room for one another and never pile up', () => {
  const sessions = demoSessions(3)
  const ids = Array.from({ length: 3 }, () => sessions.open().id)
  assert.ok(sessions.find(ids[0]), 'used just now')
  sessions.open()
  assert.equal(sessions.size, 3)
  assert.ok(sessions.find(ids[0]))
  assert.equal(sessions.find(ids[1]), null, 'the least recently used one is gone')
  assert.equal(sessions.find(undefined), null)
})

test('a command for the shell keeps quotes and line breaks inside its words', () => {
  const command = curl({
    by: 'application',
    name: 'Token request',
    method: 'POST',
    url: "https://op.example/token?a='b",
    headers: [['authorization', 'Basic eA==']],
    parameters: [['code', "it's $(id) `id`"]],
    answer: null,
  })
  assert.equal(
    command,
    [
      "curl -si 'https://op.example/token?a='\\''b'",
      "-H 'authorization: Basic eA=='",
      "--data-urlencode 'code=it'\\''s $(id) `id`'",
    ].join(' \\\n  '),
  )
})

test('whatever comes to the addresses of the demo, it answers with words and not with markup', async (t) => {
  const { demo, start, visitor } = await setUpDemo(t)
  start()
  const paths = [
    '/callback?error=%3Cscript%3Ealert(1)%3C/script%3E&error_description=%22%3E%3Cimg%20src=x%3E',
    '/callback?state=%E0%A4%A&code=%00',
    '/callback?state=a&state=b',
    '/callback',
    '/sign-in?iss=%3Cscript%3Ealert(1)%3C/script%3E',
    '/sign-in?max_age=-1e9&prompt=login',
  ]
  for (const path of paths) {
    const { status, html } = await visitor.visit(`${demo.url}${path}`)
    assert.equal(status, 400, path)
    assert.doesNotMatch(html, /<script>|<img/, path)
  }
})

test('the demo answers only under its own name and to nobody behind a proxy', async (t) => {
  const { demo, visitor } = await setUpDemo(t)
  const headers = { 'x-forwarded-for': '203.0.113.9' }
  assert.equal((await visitor.send(demo.url, { headers })).status, 404)
  assert.equal((await visitor.send(demo.url)).status, 200)
  assert.equal((await visitor.send(demo.url.replace('localhost', '127.0.0.1'))).status, 404)
})
