import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { visitor } from '../support/http.ts'
import { relyingParty } from '../support/relying-party.ts'
import { ask, basic, database, newMember, startProvider } from './provider.ts'

const secret = 'a-client-secret-for-tests-only-and-nothing-else'

const shop = await relyingParty({ after })
const strict = await relyingParty(
  { after },
  { clientId: 'strict', registration: { require_pushed_authorization_requests: true } },
)
const server = await startProvider({ after }, [shop, strict])
const sql = database({ after }, server)
const anna = newMember(server)
await anna.signIn(shop)

const push = async (changes: Record<string, string | undefined> = {}) => {
  const { parameters } = await shop.authorize()
  const fields = { response_type: 'code', client_id: 'shop', ...parameters, ...changes }
  const kept = Object.entries(fields).filter((field): field is [string, string] => !!field[1])
  return ask(server, 'request', new URLSearchParams(kept), basic('shop', secret))
}
const parameter = (url: string | null, name: string) => url && new URL(url).searchParams.get(name)

test('a pushed request is answered like any other, and its parameters never pass the browser', async () => {
  const request = await shop.push({ scope: 'openid phone', login_hint: 'nobody@example.com' })
  assert.doesNotMatch(request.url, /nobody|scope|redirect_uri/)
  const visit = await anna.browser.copy().open(request.url)
  const tokens = await shop.exchange(request, visit.left!)
  assert.equal(tokens.claims()!.phone_number, anna.phone)
})

test('a pushed request survives the sign-in that it starts', async () => {
  const ben = newMember(server)
  const request = await shop.push()
  await ben.browser.open(request.url)
  // Its reference is good for a minute; people take longer.
  await sql(`update oidc_pushed_requests set expires_at = expires_at - interval '5 minutes'`)
  const done = await ben.prove()
  assert.ok((await shop.exchange(request, done.left!)).id_token)
})

test('its reference gives one code and no second', async () => {
  const request = await shop.push()
  const first = await anna.browser.copy().open(request.url)
  assert.ok(parameter(first.left, 'code'))
  const second = await anna.browser.copy().open(request.url)
  assert.equal(parameter(second.left, 'code'), null)
  assert.equal(parameter(second.left, 'error'), 'invalid_request_uri')
})

test('its reference is good for a minute, and for its own application only', async () => {
  const { status, body } = await push()
  assert.equal(status, 201)
  assert.equal(body.expires_in, 60)
  assert.match(body.request_uri, /^urn:ietf:params:oauth:request_uri:[\w-]{43}$/)

  const elsewhere = new URL(`${server.issuer}/auth`)
  elsewhere.searchParams.set('client_id', 'strict')
  elsewhere.searchParams.set('request_uri', body.request_uri)
  const visit = await anna.browser.copy().open(elsewhere)
  assert.equal(parameter(visit.left, 'code'), null)
  assert.equal(parameter(visit.left, 'error'), 'invalid_request_object')

  await sql(`update oidc_pushed_requests set expires_at = now() - interval '30 seconds'`)
  const late = new URL(elsewhere)
  late.searchParams.set('client_id', 'shop')
  const expired = await anna.browser.copy().open(late)
  assert.match(parameter(expired.left, 'error') ?? '', /invalid_request_(uri|object)/)
})

test('what is wrong with a request is said when it is pushed', async () => {
  const { body: redirect } = await push({ redirect_uri: 'https://evil.example/cb' })
  assert.match(redirect.error, /invalid_request|invalid_redirect_uri/)
  assert.equal((await push({ code_challenge: undefined })).body.error, 'invalid_request')
  assert.equal((await push({ code_challenge_method: 'plain' })).body.error, 'invalid_request')
  assert.equal((await push({ response_type: 'token' })).body.error, 'unsupported_response_type')
  assert.equal((await push({ resource: 'https://nobody.example' })).body.error, 'invalid_target')
  const nested = await push({ request_uri: 'urn:ietf:params:oauth:request_uri:x' })
  assert.equal(nested.body.error, 'request_uri_not_supported')
})

test('only an application that proves itself can push, and only in its own name', async () => {
  const { parameters } = await shop.authorize()
  const fields = { response_type: 'code', client_id: 'shop', ...parameters }
  assert.equal((await ask(server, 'request', fields)).body.error, 'invalid_client')
  const wrong = await ask(server, 'request', fields, basic('shop', 'wrong'))
  assert.equal(wrong.body.error, 'invalid_client')
  const other = await ask(server, 'request', fields, basic('strict', secret))
  assert.equal(other.status, 400)
})

test('parameters beside a reference change nothing', async () => {
  const request = await shop.push({ scope: 'openid' })
  const url = new URL(request.url)
  url.searchParams.set('scope', 'openid phone')
  url.searchParams.set('redirect_uri', 'https://evil.example/cb')
  url.searchParams.set('state', 'changed')
  const visit = await anna.browser.copy().open(url)
  assert.ok(visit.left?.startsWith(shop.redirectUri))
  assert.equal(new URL(visit.left!).searchParams.get('state'), request.state)
  const tokens = await shop.exchange(request, visit.left!)
  assert.equal('phone_number' in tokens.claims()!, false)
})

test('an application that has to push gets nothing from an ordinary request', async () => {
  const plain = await strict.authorize()
  const refused = await anna.browser.copy().open(plain.url)
  assert.equal(parameter(refused.left, 'error'), 'invalid_request')
  const pushed = await strict.push()
  const visit = await anna.browser.copy().open(pushed.url)
  assert.ok((await strict.exchange(pushed, visit.left!)).id_token)
})

test('a made-up reference leads nowhere but to the application that is named', async () => {
  for (const id of ['x', '', 'A'.repeat(43), '../x', "' or 1=1", '%00', 'x'.repeat(6000)]) {
    const url = `${server.issuer}/auth?client_id=shop&request_uri=urn:ietf:params:oauth:request_uri:${id}`
    const visit = await visitor(server).open(url)
    assert.ok(visit.status === 400 || visit.left?.startsWith(`${shop.redirectUri}?error=`), id)
  }
})
