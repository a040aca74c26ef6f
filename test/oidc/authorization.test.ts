import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { visitor } from '../support/http.ts'
import { relyingParty } from '../support/relying-party.ts'
import { ask, basic, newMember, startProvider } from './provider.ts'

const secret = 'the-secret-of-the-archive-which-is-long-and-random'
const registered = 'https://client.example.com/cb'

const shop = await relyingParty({ after })
shop.registration.redirect_uris = [shop.redirectUri, registered]
const archive = await relyingParty(
  { after },
  { clientId: 'archive', clientSecret: secret, registration: { require_pkce: false } },
)
const server = await startProvider({ after }, [shop, archive])
const anna = newMember(server)
await anna.signIn(shop)

/** The answer to an authorization request of somebody who is signed in. */
const authorize = async (changes: Record<string, string | undefined>, party = shop) => {
  const request = await party.authorize()
  const url = new URL(request.url)
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) url.searchParams.delete(name)
    else url.searchParams.set(name, value)
  }
  const visit = await anna.browser.copy().open(url)
  const answer = visit.left ? Object.fromEntries(new URL(visit.left).searchParams) : null
  return { visit, answer, request }
}

const altered: Record<string, string> = {
  'a trailing slash': `${registered}/`,
  'another case': 'https://client.example.com/CB',
  'an upper-case host': 'https://CLIENT.example.com/cb',
  'the default port': 'https://client.example.com:443/cb',
  'another scheme': 'http://client.example.com/cb',
  'a dot segment': 'https://client.example.com/x/../cb',
  'an encoded dot segment': 'https://client.example.com/%2e%2e/cb',
  'a fragment': `${registered}#f`,
  'a further parameter': `${registered}?next=https://evil.example`,
  'a user name': 'https://client.example.com@evil.example/cb',
  'a user name of ours': 'https://evil.example@client.example.com/cb',
  'two slashes': '//evil.example/cb',
  'a backslash': 'https://client.example.com\\@evil.example/cb',
  'a longer host': 'https://client.example.com.evil.example/cb',
  'a script': 'javascript:alert(1)//https://client.example.com/cb',
  'a data URL': 'data:text/html,https://client.example.com/cb',
  'no scheme': 'client.example.com/cb',
  'a space': ` ${registered}`,
  'a line break': `${registered}\r\nSet-Cookie: a=b`,
  'eight thousand characters': `${registered}${'x'.repeat(8000)}`,
  nothing: '',
}

test('a redirect URI that is not exactly a registered one gets a page, and redirects nowhere', async () => {
  for (const [name, uri] of Object.entries(altered)) {
    const { visit } = await authorize({ redirect_uri: uri })
    assert.equal(visit.left, null, name)
    assert.equal(visit.status, 400, name)
    assert.equal(visit.hops.length, 1, name)
    assert.doesNotMatch(visit.html, /href="[^"]*(evil|client\.example)/, name)
  }
})

test('bytes that are no text in a redirect URI are refused', async () => {
  for (const uri of [`${registered}%00`, `${registered}%ff`]) {
    const { url } = await shop.authorize()
    const answer = await server.fetch(
      url.replace(
        /redirect_uri=[^&]*/,
        () => `redirect_uri=${encodeURIComponent(registered)}${uri.slice(-3)}`,
      ),
    )
    assert.equal(answer.status, 400, uri)
    assert.equal(answer.headers.get('location'), null)
  }
})

test('two redirect URIs in one request are refused', async () => {
  const { url } = await shop.authorize()
  const visit = await anna.browser.copy().open(`${url}&redirect_uri=https://evil.example/`)
  assert.equal(visit.left, null)
  assert.equal(visit.status, 400)
})

test('the page for a wrong redirect URI says which are registered while evaluating', async () => {
  const { visit } = await authorize({ redirect_uri: 'https://evil.example/<b>' })
  assert.match(visit.text, /https:\/\/evil\.example\//)
  assert.match(visit.text, /https:\/\/client\.example\.com\/cb/)
  assert.ok(visit.text.includes(shop.redirectUri))
  assert.doesNotMatch(visit.html, /<b>/)
})

test('the page for an unknown application says which one was asked for', async () => {
  for (const id of ['nobody', '__proto__', "x' or 1=1 --", 'x'.repeat(8000), 'ünï']) {
    const { visit } = await authorize({ client_id: id })
    assert.equal(visit.status, 400, id)
    assert.equal(visit.left, null)
    if (id === 'nobody') assert.match(visit.text, /nobody/)
  }
})

test('PKCE is required, of applications with a secret too, and only as S256', async () => {
  const none = await authorize({ code_challenge: undefined, code_challenge_method: undefined })
  assert.equal(none.answer?.error, 'invalid_request')
  const plain = await authorize({ code_challenge_method: 'plain' })
  assert.equal(plain.answer?.error, 'invalid_request')
  const silent = await authorize({ code_challenge_method: undefined })
  assert.equal(silent.answer?.error, 'invalid_request')
  for (const bad of ['x'.repeat(42), 'x'.repeat(129), `${'x'.repeat(42)}!`]) {
    assert.equal((await authorize({ code_challenge: bad })).answer?.error, 'invalid_request')
  }
})

const redeem = (fields: Record<string, string>, clientId = 'shop') =>
  ask(
    server,
    'token',
    { grant_type: 'authorization_code', ...fields },
    basic(
      clientId,
      clientId === 'archive' ? secret : 'a-client-secret-for-tests-only-and-nothing-else',
    ),
  )

test('a code is redeemed with the verifier of its own request only', async () => {
  const { answer, request } = await authorize({})
  const fields = { code: answer!.code!, redirect_uri: shop.redirectUri }
  for (const verifier of [undefined, 'x'.repeat(43), 'short', `${request.verifier}x`]) {
    const refused = await redeem({ ...fields, ...(verifier ? { code_verifier: verifier } : {}) })
    assert.equal(refused.status, 400)
    assert.match(refused.body.error, /invalid_grant|invalid_request/)
  }
  const right = await redeem({ ...fields, code_verifier: request.verifier })
  assert.equal(right.status, 200)
})

test('a code is redeemed by its own application, at its own redirect URI only', async () => {
  const { answer, request } = await authorize({})
  const fields = { code: answer!.code!, code_verifier: request.verifier }
  const elsewhere = await redeem({ ...fields, redirect_uri: registered })
  assert.equal(elsewhere.body.error, 'invalid_grant')
  const other = await redeem({ ...fields, redirect_uri: shop.redirectUri }, 'archive')
  assert.equal(other.body.error, 'invalid_grant')
  const flipped = await redeem({
    ...fields,
    code: `${answer!.code}x`,
    redirect_uri: shop.redirectUri,
  })
  assert.equal(flipped.body.error, 'invalid_grant')
  assert.equal((await redeem({ ...fields, redirect_uri: shop.redirectUri })).status, 200)
})

test('an application that is excused from PKCE may leave it out, and may not redeem with a verifier then', async () => {
  const without = { code_challenge: undefined, code_challenge_method: undefined }
  const first = await authorize(without, archive)
  const fields = { code: first.answer!.code!, redirect_uri: archive.redirectUri }
  const smuggled = await redeem({ ...fields, code_verifier: 'x'.repeat(43) }, 'archive')
  assert.equal(smuggled.body.error, 'invalid_grant')
  const again = await authorize(without, archive)
  const tokens = await redeem(
    { code: again.answer!.code!, redirect_uri: archive.redirectUri },
    'archive',
  )
  assert.equal(tokens.status, 200)

  const { answer, request } = await authorize({}, archive)
  const bound = { code: answer!.code!, redirect_uri: archive.redirectUri }
  assert.equal((await redeem(bound, 'archive')).body.error, 'invalid_grant')
  const right = await redeem({ ...bound, code_verifier: request.verifier }, 'archive')
  assert.equal(right.status, 200)
})

test('there is the code flow and no other', async () => {
  const others = ['token', 'id_token', 'code id_token', 'none', 'CODE', 'id_token token']
  for (const type of others) {
    const { answer, visit } = await authorize({ response_type: type, nonce: 'n' })
    const { searchParams, hash } = new URL(visit.left ?? 'none:')
    const error =
      answer?.error ?? searchParams.get('error') ?? new URLSearchParams(hash.slice(1)).get('error')
    assert.match(error ?? '', /unsupported_response_type|invalid_request/, type)
    assert.doesNotMatch(visit.left ?? '', /(?:code|id_token|access_token)=/)
  }
  for (const grant of ['password', 'implicit', 'urn:ietf:params:oauth:grant-type:token-exchange']) {
    const { status, body } = await ask(
      server,
      'token',
      { grant_type: grant, username: 'a', password: 'b' },
      basic('archive', secret),
    )
    assert.equal(status, 400)
    assert.equal(body.error, 'unsupported_grant_type')
  }
})

test('every answer names the issuer and returns the state, errors too', async () => {
  const good = await authorize({})
  assert.equal(good.answer?.iss, server.issuer)
  assert.equal(good.answer?.state, good.request.state)
  const refused = await authorize({ code_challenge: undefined, state: '😀 <b>&=+%' })
  assert.equal(refused.answer?.iss, server.issuer)
  assert.equal(refused.answer?.state, '😀 <b>&=+%')
  const none = newMember(server)
  const { url } = await shop.authorize({ prompt: 'none' })
  const visit = await none.browser.open(url)
  const { searchParams } = new URL(visit.left!)
  assert.equal(searchParams.get('error'), 'login_required')
  assert.equal(searchParams.get('iss'), server.issuer)
})

test('request objects and foreign request URIs are refused', async () => {
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"redirect_uri":"https://evil.example"}').toString('base64url')}.`
  const object = await authorize({ request: unsigned })
  assert.match(object.answer?.error ?? '', /request_not_supported/)
  const remote = await authorize({ request_uri: 'https://evil.example/request.jwt' })
  assert.match(remote.answer?.error ?? '', /request_uri_not_supported|invalid_request_uri/)
})

test('odd values of known parameters are refused or ignored, and never a fault of ours', async () => {
  const values: Record<string, string[]> = {
    scope: ['nothing known', 'openid openid', 'openid\tphone', `openid ${'x '.repeat(1000)}`, ''],
    prompt: ['none login', 'NONE', 'x', ''],
    max_age: ['-1', '1e99', 'NaN', '99999999999999999999', ''],
    claims: [
      '{',
      '[]',
      'null',
      '{"id_token":1}',
      `${'['.repeat(5000)}${']'.repeat(5000)}`,
      '{"__proto__":{}}',
    ],
    acr_values: ['aal9', ' ', 'x'.repeat(3000)],
    ui_locales: ['xx-yy', '../../etc', '*', 'a'.repeat(3000)],
    login_hint: ['<script>', 'x'.repeat(3000), '\u202e'],
    id_token_hint: ['x', 'a.b.c', `${'e30'}.${'e30'}.`],
    nonce: ['', 'x'.repeat(3000), '\r\nset-cookie: a=b'],
    response_mode: ['web_message', 'x', ''],
    display: ['popup', 'x'],
    resource: ['https://api.example', 'x', '#'],
  }
  for (const [name, list] of Object.entries(values)) {
    for (const value of list) {
      const { visit } = await authorize({ [name]: value })
      const where = `${name}=${value.slice(0, 40)}`
      assert.ok(visit.status < 500, `${where}: ${visit.status}`)
      assert.ok(!visit.left || visit.left.startsWith(shop.redirectUri), where)
      assert.equal(visit.headers.get('x-evil'), null)
      assert.doesNotMatch(visit.html, /<script>/, where)
    }
  }
})

test('the page of a refused request carries the protection of every other page', async () => {
  const visit = await visitor(server).open(`${server.issuer}/auth?client_id=nobody`)
  assert.match(visit.headers.get('content-security-policy') ?? '', /default-src 'none'/)
  assert.match(visit.headers.get('cache-control') ?? '', /no-store/)
  assert.match(visit.headers.get('content-type') ?? '', /^text\/html/)
})
