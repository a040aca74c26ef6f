import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createRemoteJWKSet, customFetch, decodeProtectedHeader, jwtVerify } from 'jose'
import { relyingParty, type Tokens } from '../support/relying-party.ts'
import { ask, basic, newMember, refuses, startProvider } from './provider.ts'

const secret = 'a-client-secret-for-tests-only-and-nothing-else'
const orders = 'https://api.shop.example'
const stock = 'https://stock.example/v1'

const shop = await relyingParty({ after })
const modern = await relyingParty(
  { after },
  { clientId: 'modern', registration: { id_token_signed_response_alg: 'ES256' } },
)
const narrow = await relyingParty(
  { after },
  {
    clientId: 'narrow',
    registration: {
      api_scopes: ['orders:read'],
      grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    },
  },
)
const server = await startProvider({ after }, [shop, modern, narrow], {
  config: {
    resources: [
      { indicator: orders, scopes: ['orders:read', 'orders:write'], access_token_ttl: 300 },
      { indicator: stock, scopes: ['stock'] },
    ],
  },
})
const anna = newMember(server)
const everything = 'openid profile email phone'
await anna.signIn(shop)

const keys = createRemoteJWKSet(new URL(`${server.issuer}/jwks`), {
  [customFetch]: (url, { method }) => server.fetch(url, { method }),
})
const header = (jwt: string) => decodeProtectedHeader(jwt)
const me = (token: string, scheme = 'Bearer') =>
  server.fetch(`${server.issuer}/me`, { headers: { authorization: `${scheme} ${token}` } })

/** The code is redeemed with parameters of its own. */
const redeem = async (
  parameters: Record<string, string>,
  fields: Record<string, string> = {},
  party = shop,
) => {
  const { request, url } = await anna.authorize(party, parameters)
  const code = new URL(url).searchParams.get('code')!
  const clientId = String(party.registration.client_id)
  return ask(
    server,
    'token',
    {
      grant_type: 'authorization_code',
      code,
      redirect_uri: party.redirectUri,
      code_verifier: request.verifier,
      ...fields,
    },
    basic(clientId, secret),
  )
}

test('an ID token is signed with RS256, or ES256 for an application that wants that', async () => {
  const [usual, other] = [await anna.signIn(shop), await anna.signIn(modern)]
  assert.equal(header(usual.id_token!).alg, 'RS256')
  assert.equal(header(other.id_token!).alg, 'ES256')
  for (const [tokens, audience] of [[usual, 'shop'] as const, [other, 'modern'] as const]) {
    const { payload } = await jwtVerify(tokens.id_token!, keys, { issuer: server.issuer, audience })
    assert.equal(payload.exp! - payload.iat!, 900)
  }
})

test('an ID token says who, how, when, in which session, and answers this very request', async () => {
  const { request, url } = await anna.authorize(shop)
  const tokens = await shop.exchange(request, url)
  const { exp, iat, auth_time, sub, sid, ...rest } = tokens.claims()!
  assert.deepEqual(rest, {
    iss: server.issuer,
    aud: 'shop',
    nonce: request.nonce,
    acr: 'aal1',
    amr: ['otp', 'sms'],
  })
  assert.match(sub, /^[\w-]{16,}$/)
  assert.match(String(sid), /^[\w-]{16,}$/)
  assert.ok(Math.abs(Date.now() / 1000 - Number(auth_time)) < 300)
  assert.ok(exp > iat)
})

test('the claims of the granted scopes are in the ID token and in userinfo, and no others', async () => {
  const tokens = await anna.signIn(shop, { scope: everything })
  const claims = tokens.claims()!
  assert.equal(claims.phone_number, anna.phone)
  assert.equal(claims.phone_number_verified, true)
  assert.equal(typeof claims.updated_at, 'number')
  assert.equal('email' in claims, false)
  const info = await shop.userinfo(tokens)
  for (const name of ['sub', 'phone_number', 'phone_number_verified', 'updated_at']) {
    assert.equal(info[name], claims[name], name)
  }

  const bare = await anna.signIn(shop, { scope: 'openid' })
  assert.equal('phone_number' in bare.claims()!, false)
  assert.deepEqual(
    Object.keys(await shop.userinfo(bare)).filter((name) => /phone/.test(name)),
    [],
  )
})

test('a person is the same to all applications', async () => {
  const [one, two] = [await anna.signIn(shop), await anna.signIn(modern)]
  assert.equal(one.claims()!.sub, two.claims()!.sub)
  assert.notEqual(one.claims()!.sid, two.claims()!.sid)
})

test('without a resource an access token is opaque, and lives a quarter of an hour', async () => {
  const { body } = await redeem({ scope: everything })
  assert.match(body.access_token, /^[\w-]{43}$/)
  assert.equal(body.expires_in, 900)
  assert.equal(body.token_type.toLowerCase(), 'bearer')
})

test('an access token for an API is a JWT for that API alone, and tells how its person signed in', async () => {
  const { body } = await redeem({
    scope: 'openid orders:read orders:write nothing',
    resource: orders,
  })
  assert.equal(body.expires_in, 300)
  assert.deepEqual(
    { typ: header(body.access_token).typ, alg: header(body.access_token).alg },
    {
      typ: 'at+jwt',
      alg: 'ES256',
    },
  )
  const { payload } = await jwtVerify(body.access_token, keys, {
    issuer: server.issuer,
    audience: orders,
    typ: 'at+jwt',
  })
  assert.equal(payload.client_id, 'shop')
  assert.equal(payload.scope, 'orders:read orders:write')
  assert.equal(payload.acr, 'aal1')
  assert.deepEqual(payload.amr, ['otp', 'sms'])
  assert.equal(typeof payload.auth_time, 'number')
  for (const name of ['sub', 'jti', 'iat', 'exp']) assert.ok(payload[name], name)
  assert.equal('phone_number' in payload, false)
  assert.equal((await me(body.access_token)).status, 401)
})

test('an application gets no scope of an API that it may not ask for', async () => {
  const { body } = await redeem(
    { scope: 'openid orders:read orders:write', resource: orders },
    {},
    narrow,
  )
  const { payload } = await jwtVerify(body.access_token, keys)
  assert.equal(payload.scope, 'orders:read')
})

test('an unknown API is refused as invalid_target, wherever it is asked for', async () => {
  for (const resource of ['https://nobody.example', `${orders}/`, 'x', `${orders}#f`]) {
    const { url } = await anna.authorize(shop, { resource })
    assert.equal(new URL(url).searchParams.get('error'), 'invalid_target', resource)
  }
  const late = await redeem({ resource: orders, scope: 'openid orders:read' }, { resource: stock })
  assert.equal(late.body.error, 'invalid_target')
  const unasked = await redeem({}, { resource: 'https://nobody.example' })
  assert.equal(unasked.body.error, 'invalid_target')
})

test('a refreshed access token is for the same API, with the same words on the sign-in', async () => {
  const { body } = await redeem({ resource: orders, scope: 'openid orders:read offline_access' })
  const refreshed = await ask(
    server,
    'token',
    { grant_type: 'refresh_token', refresh_token: body.refresh_token },
    basic('shop', secret),
  )
  assert.equal(refreshed.status, 200)
  const before = await jwtVerify(body.access_token, keys)
  const { payload } = await jwtVerify(refreshed.body.access_token, keys, { audience: orders })
  for (const name of ['sub', 'scope', 'acr', 'amr', 'auth_time']) {
    assert.deepEqual(payload[name], before.payload[name], name)
  }
})

test('an application acts for itself with client credentials: opaque, or a JWT for an API', async () => {
  const grant = { grant_type: 'client_credentials' }
  const opaque = await ask(server, 'token', grant, basic('narrow', secret))
  assert.match(opaque.body.access_token, /^[\w-]{43}$/)
  assert.equal(opaque.body.expires_in, 600)
  assert.equal('id_token' in opaque.body || 'refresh_token' in opaque.body, false)

  const asked = { ...grant, resource: orders, scope: 'orders:read orders:write' }
  const jwt = await ask(server, 'token', asked, basic('narrow', secret))
  const { payload } = await jwtVerify(jwt.body.access_token, keys, { audience: orders })
  assert.equal(payload.sub, 'narrow')
  assert.equal(payload.scope, 'orders:read')
  assert.equal('acr' in payload, false)
  assert.equal((await me(opaque.body.access_token)).status, 401)

  const unknown = { ...grant, resource: 'https://nobody.example' }
  const refused = await ask(server, 'token', unknown, basic('narrow', secret))
  assert.equal(refused.body.error, 'invalid_target')
  const other = await ask(server, 'token', grant, basic('shop', secret))
  assert.equal(other.status, 400)
  assert.match(other.body.error_description, /not allowed for this client/)
})

test('userinfo takes an access token in the header, of the right kind, and nothing else', async () => {
  const tokens = await anna.signIn(shop, { scope: 'openid offline_access' })
  const { access_token: token, id_token: idToken, refresh_token: refreshToken } = tokens
  assert.equal((await me(token)).status, 200)
  assert.equal((await server.fetch(`${server.issuer}/me?access_token=${token}`)).status, 400)
  assert.equal((await server.fetch(`${server.issuer}/me`)).status, 401)
  for (const wrong of [idToken!, refreshToken!, `${token}x`, token.slice(1), 'null']) {
    const answer = await me(wrong)
    assert.equal(answer.status, 401)
    assert.match(answer.headers.get('www-authenticate') ?? '', /invalid_token/)
  }
  const posted = await ask(server, 'me', { access_token: token })
  assert.equal(posted.status, 200)
})

test('one kind of token is never taken for another', async () => {
  const tokens = await anna.signIn(shop, { scope: 'openid offline_access' })
  const swaps = [
    { grant_type: 'refresh_token', refresh_token: tokens.access_token },
    { grant_type: 'refresh_token', refresh_token: tokens.id_token! },
    {
      grant_type: 'authorization_code',
      code: tokens.refresh_token!,
      redirect_uri: shop.redirectUri,
    },
    { grant_type: 'authorization_code', code: tokens.access_token, redirect_uri: shop.redirectUri },
  ]
  for (const fields of swaps) {
    const { status, body } = await ask(
      server,
      'token',
      { code_verifier: 'x'.repeat(43), ...fields },
      basic('shop', secret),
    )
    assert.equal(status, 400)
    assert.equal(body.error, 'invalid_grant')
  }
})

const alive = async (party: typeof shop, token: string) => (await party.introspect(token)).active

test('an application learns about its own tokens, and nothing of those of others', async () => {
  const tokens = await anna.signIn(shop, { scope: 'openid offline_access' })
  for (const token of [tokens.access_token, tokens.refresh_token!]) {
    const own = await shop.introspect(token)
    assert.equal(own.active, true)
    assert.equal(own.client_id, 'shop')
    assert.equal(own.sub, tokens.claims()!.sub)
    assert.deepEqual(await modern.introspect(token), { active: false })
  }
  assert.deepEqual(await shop.introspect('never-issued'), { active: false })
})

test('an application ends its own tokens, with what was issued beside them, and none of others', async () => {
  for (const which of ['access_token', 'refresh_token'] as const) {
    const tokens: Tokens = await anna.signIn(shop, { scope: 'openid offline_access' })
    const refreshed = await shop.refresh(tokens)
    await modern.revoke(tokens[which]!).catch(() => {})
    await shop.revoke('never-issued')
    assert.equal(await alive(shop, tokens[which]!), true)
    await shop.revoke(tokens[which]!)
    assert.equal((await me(tokens.access_token)).status, 401)
    assert.equal((await me(refreshed.access_token)).status, 401)
    await refuses(shop.refresh(tokens), 'invalid_grant')
  }
  assert.ok((await anna.signIn(shop)).access_token)
})

test('nobody asks about tokens or ends them without saying who they are', async () => {
  const { access_token: token } = await anna.signIn(shop)
  for (const endpoint of ['token/introspection', 'token/revocation']) {
    for (const headers of [{}, basic('shop', 'wrong'), basic('nobody', secret)]) {
      const { status } = await ask(server, endpoint, { token }, headers)
      assert.ok([400, 401].includes(status), `${endpoint} ${status}`)
    }
  }
  assert.equal(await alive(shop, token), true)
})
