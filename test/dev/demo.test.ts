import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { demoApp } from '#src/dev/index.ts'
import { freePort } from '../support/ports.ts'
import { api, assets, browser, listen, provide, render, setUpDemo, textOf } from './servers.ts'

test('a person signs in and sees the claims, the tokens and every request that was made', async (t) => {
  const { provider, demo, start, visitor } = await setUpDemo(t)
  start()
  const page = await visitor.visit(`${demo.url}/sign-in`)
  const shown = textOf(page.html)
  assert.equal(page.url, `${demo.url}/`, 'the code is not left in the address')
  assert.match(shown, /Proven by one-time code and text message/)
  for (const claim of [
    'sub anna',
    'acr aal1',
    'amr ["otp","sms"]',
    'nonce ',
    'sid ',
    'auth_time ',
  ]) {
    assert.ok(shown.includes(claim), claim)
  }
  const requests = [
    'Discovery GET',
    `Authorization request GET ${provider.url}/oidc/auth`,
    `Answer to the authorization request GET ${demo.url}/callback`,
    `Token request: the code for tokens POST ${provider.url}/oidc/token 200`,
    `Signing keys, to check the ID token GET ${provider.url}/oidc/jwks 200`,
    `Userinfo request GET ${provider.url}/oidc/me 200`,
  ]
  const places = requests.map((request) => shown.indexOf(request))
  assert.ok(!places.includes(-1), `missing: ${requests[places.indexOf(-1)]}`)
  assert.deepEqual(
    [...places].sort((a, b) => a - b),
    places,
    'in the order they were made',
  )
  assert.match(shown, /code_verifier=[\w-]{43}/)
})

test('what the provider says about a person is shown as text, never as markup', async (t) => {
  const { demo, start, visitor } = await setUpDemo(t)
  start()
  const { html } = await visitor.visit(`${demo.url}/sign-in`)
  assert.match(html, /&lt;b&gt;Anna&lt;\/b&gt; Muster/)
  assert.doesNotMatch(html, /<b>Anna/)
})

test('a confidential client signs in with its secret', async (t) => {
  const { demo, start, visitor } = await setUpDemo(t, { secret: 'only-for-tests-0123456789abcdef' })
  start()
  const { html } = await visitor.visit(`${demo.url}/sign-in`)
  assert.match(textOf(html), /authorization: Basic /)
  assert.match(textOf(html), /Signed in as/)
})

test('the demo waits a moment for a provider that starts later', async (t) => {
  const { demo, start, visitor } = await setUpDemo(t)
  const visit = visitor.visit(`${demo.url}/sign-in`)
  await wait(300)
  start()
  assert.match(textOf((await visit).html), /Signed in as/)
})

test('where no provider answers, the demo says so and works once there is one', async (t) => {
  const later = await freePort()
  const demo = await listen()
  t.after(demo.close)
  const deps = { clientId: 'demo', inboxUrl: '/', render, assets: assets.middleware }
  demo.serve(
    demoApp({ ...deps, issuer: `http://localhost:${later}/oidc`, baseUrl: demo.url }).callback(),
  )
  const visitor = browser()
  const refused = await visitor.visit(`${demo.url}/sign-in`)
  assert.equal(refused.status, 503)
  assert.match(textOf(refused.html), /unreachable .* Is it running\?/)

  const provider = await listen(later)
  t.after(provider.close)
  provide(provider, demo.url)
  assert.match(textOf((await visitor.visit(`${demo.url}/sign-in`)).html), /Signed in as/)
})

test('each parameter of a request of its own reaches the provider, and only those', async (t) => {
  const { provider, demo, start, visitor } = await setUpDemo(t)
  start()
  const asked = { prompt: 'login', acr_values: 'aal2', ui_locales: 'ar', max_age: '60', nonce: 'x' }
  const response = await visitor.send(`${demo.url}/sign-in?${new URLSearchParams(asked)}`)
  const sent = new URL(response.headers.get('location')!)
  assert.equal(sent.origin + sent.pathname, `${provider.url}/oidc/auth`)
  for (const name of ['prompt', 'acr_values', 'ui_locales', 'max_age'] as const) {
    assert.equal(sent.searchParams.get(name), asked[name])
  }
  assert.notEqual(sent.searchParams.get('nonce'), 'x')
  assert.equal(sent.searchParams.get('code_challenge_method'), 'S256')
  assert.equal(sent.searchParams.get('redirect_uri'), `${demo.url}/callback`)
})

test('a pushed request sends the browser away with nothing but a reference', async (t) => {
  const { demo, start, visitor } = await setUpDemo(t)
  start()
  const response = await visitor.send(`${demo.url}/sign-in?pushed=1`)
  const sent = new URL(response.headers.get('location')!)
  assert.deepEqual([...sent.searchParams.keys()].sort(), ['client_id', 'request_uri'])
  assert.match(textOf((await visitor.visit(sent.href)).html), /Pushed authorization request POST/)
})

test('step-up asks for two factors and shows what was reached', async (t) => {
  const { demo, start, visitor } = await setUpDemo(t)
  start()
  await visitor.visit(`${demo.url}/sign-in`)
  const { html } = await visitor.visit(`${demo.url}/sign-in?acr_values=aal2&prompt=login`)
  assert.match(textOf(html), /acr aal2/)
})

test('an access token for an API is a JWT for that API, and is shown decoded', async (t) => {
  const { demo, start, visitor } = await setUpDemo(t)
  start()
  const scope = `openid ${api.scope}`
  const query = new URLSearchParams({ resource: api.resource, scope })
  const shown = textOf((await visitor.visit(`${demo.url}/sign-in?${query}`)).html)
  assert.match(shown, /For https:\/\/api\.demo\.example\./)
  assert.match(shown, /"aud": "https:\/\/api\.demo\.example"/)
  assert.match(shown, /"scope": "orders:read"/)
})

test('refreshing shows new tokens and says that the refresh token was replaced', async (t) => {
  const { demo, start, visitor } = await setUpDemo(t)
  start()
  const before = await visitor.visit(`${demo.url}/sign-in`)
  const after = await visitor.post(`${demo.url}/refresh`)
  assert.match(textOf(after.html), /The refresh token was replaced/)
  assert.match(textOf(after.html), /Token request: a refresh token for new tokens POST/)
  const token = (html: string) => /id="token-1"[^>]*>([^<]+)/.exec(html)![1]
  assert.notEqual(token(after.html), token(before.html))
  assert.doesNotMatch((await visitor.visit(demo.url)).html, /was replaced/, 'said once')
  assert.match(textOf((await visitor.post(`${demo.url}/userinfo`)).html), /userinfo is as of now/)
})

test('signing out ends the session at the provider too, and comes back', async (t) => {
  const { provider, demo, start, visitor } = await setUpDemo(t)
  start()
  await visitor.visit(`${demo.url}/sign-in`)
  const response = await visitor.send(`${demo.url}/sign-out`, { method: 'POST' })
  const end = new URL(response.headers.get('location')!)
  assert.equal(end.origin + end.pathname, `${provider.url}/oidc/session/end`)
  assert.ok(end.searchParams.get('id_token_hint'))
  const confirm = await visitor.visit(end.href)
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(confirm.html)![1]!
  const back = await visitor.visit(`${provider.url}/oidc/session/end/confirm`, {
    method: 'POST',
    body: new URLSearchParams({ xsrf, logout: 'yes' }),
  })
  assert.equal(back.url, `${demo.url}/`)
  assert.match(textOf(back.html), /Signed out, here and at the provider/)
  const silent = await visitor.visit(`${demo.url}/sign-in?prompt=none`)
  assert.match(textOf(silent.html), /login_required/)
})

test('signing out here only leaves the session at the provider', async (t) => {
  const { demo, start, visitor } = await setUpDemo(t)
  start()
  await visitor.visit(`${demo.url}/sign-in`)
  assert.match(textOf((await visitor.post(`${demo.url}/forget`)).html), /Signed out here only/)
  assert.match(
    textOf((await visitor.visit(`${demo.url}/sign-in?prompt=none`)).html),
    /Signed in as/,
  )
})

test('a payment is refused as an API refuses, stepped up for, and paid', async (t) => {
  const { demo, start, visitor } = await setUpDemo(t)
  start()
  await visitor.visit(`${demo.url}/sign-in`)
  const refused = textOf((await visitor.post(`${demo.url}/pay`)).html)
  assert.match(
    refused,
    /401 and WWW-Authenticate: Bearer error="insufficient_user_authentication", acr_values="aal2", max_age="300"/,
  )
  assert.match(refused, /acr aal2/, 'and the sign-in that follows has it')
  assert.match(textOf((await visitor.post(`${demo.url}/pay`)).html), /Paid: /)
})
