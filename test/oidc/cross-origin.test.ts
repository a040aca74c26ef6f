import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { relyingParty } from '../support/relying-party.ts'
import { ask, basic, newMember, startProvider } from './provider.ts'

const secret = 'a-client-secret-for-tests-only-and-nothing-else'
const app = 'https://app.example.com'

const shop = await relyingParty({ after }, { registration: { first_party: true } })
shop.registration.redirect_uris = [shop.redirectUri, `${app}/shop`]
const page = await relyingParty({ after }, { clientId: 'page', clientSecret: null })
page.registration.redirect_uris = [page.redirectUri, `${app}/callback`, 'com.example.app:/callback']
page.registration.application_type = 'native'
const server = await startProvider({ after }, [shop, page])

const anna = newMember(server)
await anna.signIn(shop)
const request = await page.authorize({ scope: 'openid offline_access' })
await anna.browser.open(request.url)
const { left } = await anna.browser.submit('consent', { decision: 'allow' })
const tokens = await page.exchange(request, left!)

const allowed = (headers: Headers) => headers.get('access-control-allow-origin')
const refresh = (origin: string) =>
  ask(
    server,
    'token',
    { grant_type: 'refresh_token', client_id: 'page', refresh_token: 'none' },
    { origin },
  )
const me = (token: string, origin: string) =>
  server.fetch(`${server.issuer}/me`, { headers: { authorization: `Bearer ${token}`, origin } })
const revoke = (origin: string) =>
  ask(server, 'token/revocation', { client_id: 'page', token: 'none' }, { origin })

test('scripts of a public application read tokens, userinfo and revocations from where it is answered', async () => {
  const own = new URL(page.redirectUri).origin
  for (const origin of [app, own]) {
    assert.equal(allowed((await refresh(origin)).headers), origin)
    assert.equal(allowed((await revoke(origin)).headers), origin)
    const info = await me(tokens.access_token, origin)
    assert.equal(info.status, 200)
    assert.equal(allowed(info.headers), origin)
  }
})

test('scripts of other origins read nothing', async () => {
  const others = [
    'https://evil.example',
    'http://app.example.com',
    'https://app.example.com:444',
    'https://app.example.com.evil.example',
    'https://sub.app.example.com',
    'null',
  ]
  for (const origin of others) {
    for (const answer of [await refresh(origin), await revoke(origin)]) {
      assert.equal(answer.status, 400, origin)
      assert.equal(allowed(answer.headers), null, origin)
    }
    const info = await me(tokens.access_token, origin)
    assert.equal(info.status, 400)
    assert.equal(allowed(info.headers), null)
  }
})

test('an application with a secret has no scripts', async () => {
  const answer = await ask(
    server,
    'token',
    { grant_type: 'refresh_token', refresh_token: 'none' },
    { ...basic('shop', secret), origin: app },
  )
  assert.equal(answer.status, 400)
  assert.equal(allowed(answer.headers), null)
  const own = await anna.signIn(shop)
  assert.equal(allowed((await me(own.access_token, app)).headers), null)
})

test('a browser may ask beforehand, and no answer ever comes with cookies', async () => {
  const answer = await server.fetch(`${server.issuer}/token`, {
    method: 'OPTIONS',
    headers: {
      origin: app,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type, dpop',
    },
  })
  assert.equal(answer.status, 204)
  assert.equal(answer.headers.get('access-control-allow-credentials'), null)
  assert.equal((await refresh(app)).headers.get('access-control-allow-credentials'), null)
})

test('pages and authorization requests are open to no script of another site', async () => {
  const { url } = await shop.authorize()
  for (const address of [url, `${server.issuer}/session/end`, `${server.baseUrl}/interaction/x`]) {
    const answer = await server.fetch(address, { headers: { origin: app } })
    assert.equal(allowed(answer.headers), null, address)
  }
})
