import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose'
import * as client from 'openid-client'
import { relyingParty } from '../support/relying-party.ts'
import { ask, basic, database, newMember, startProvider } from './provider.ts'

const odd = 'with:colon%20and+plus&more=signs/that-Basic-has-to-carry'
const plain = 'a-client-secret-for-tests-only-and-nothing-else'
const machine = ['authorization_code', 'refresh_token', 'client_credentials']
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

const pair = await generateKeyPair('ES256', { extractable: true })
const stranger = await generateKeyPair('ES256')
const publicJwk = { ...(await exportJWK(pair.publicKey)), kid: 'one', use: 'sig', alg: 'ES256' }

const shop = await relyingParty(
  { after },
  { clientSecret: odd, registration: { grant_types: machine } },
)
const poster = await relyingParty(
  { after },
  {
    clientId: 'poster',
    authentication: client.ClientSecretPost(plain),
    registration: { grant_types: machine, token_endpoint_auth_method: 'client_secret_post' },
  },
)
const signer = await relyingParty(
  { after },
  {
    clientId: 'signer',
    authentication: client.PrivateKeyJwt({ key: pair.privateKey, kid: 'one' }),
    registration: {
      client_secret: undefined,
      grant_types: machine,
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [publicJwk] },
    },
  },
)
const page = await relyingParty({ after }, { clientId: 'page', clientSecret: null })
const parties = [shop, poster, signer, page]
const server = await startProvider({ after }, parties)
const sql = database({ after }, server)

const forItself = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
  ask(server, 'token', { grant_type: 'client_credentials', ...fields }, headers)

const assertion = (
  changes: Record<string, unknown> = {},
  { key = pair.privateKey, alg = 'ES256' }: { key?: CryptoKey | Uint8Array; alg?: string } = {},
) => {
  const now = Math.floor(Date.now() / 1000)
  return new SignJWT({
    iss: 'signer',
    sub: 'signer',
    aud: server.issuer,
    jti: crypto.randomUUID(),
    iat: now,
    exp: now + 60,
    ...changes,
  })
    .setProtectedHeader({ alg, kid: 'one' })
    .sign(key)
}
const withAssertion = (client_assertion: string, more: Record<string, string> = {}) =>
  forItself({ client_assertion, client_assertion_type: assertionType, ...more })

test('an application proves itself by Basic, by POST or by a signed assertion, whichever it has registered', async () => {
  const anna = newMember(server)
  for (const party of [shop, poster, signer]) {
    const tokens = await anna.signIn(party, { scope: 'openid offline_access' })
    assert.ok((await party.refresh(tokens)).access_token)
    assert.equal((await party.introspect(tokens.access_token)).active, true)
    assert.ok((await client.clientCredentialsGrant(party.config())).access_token)
    const pushed = await party.push()
    assert.match(pushed.url, /request_uri=/)
    await party.revoke(tokens.refresh_token!)
  }
})

test('an application that has credentials gets nothing without them', async () => {
  for (const id of ['shop', 'poster', 'signer']) {
    const { status, body } = await forItself({ client_id: id })
    assert.equal(body.error, 'invalid_client')
    assert.equal(status, 401)
  }
  const posted = { client_id: 'poster', client_secret: plain }
  assert.equal((await forItself(posted)).status, 200)
})

test('wrong, empty, doubled and malformed credentials are refused', async () => {
  const raw = (value: string) => ({ authorization: value })
  const encoded = (text: string) => raw(`Basic ${Buffer.from(text).toString('base64')}`)
  const bad: Record<string, string>[] = [
    basic('shop', `${odd}x`),
    basic('shop', odd.slice(1)),
    basic('shop', ''),
    basic('nobody', odd),
    basic('__proto__', odd),
    basic('shop\0', odd),
    encoded(`shop:${odd}`.replace('%20', '%zz')),
    encoded('shop'),
    encoded(''),
    raw('Basic'),
    raw('Basic %%%'),
    raw(`Bearer ${odd}`),
    raw('Digest username="shop"'),
  ]
  for (const headers of bad) {
    const { status, body } = await forItself({}, headers)
    assert.ok([400, 401].includes(status), `${headers.authorization}: ${status}`)
    assert.match(body.error, /invalid_(client|request)/)
  }
  const both = await forItself({ client_id: 'shop', client_secret: odd }, basic('shop', odd))
  assert.equal(both.status, 400)
  const other = await forItself({ client_id: 'poster' }, basic('shop', odd))
  assert.equal(other.status, 400)
  assert.equal((await forItself({}, basic('shop', odd))).status, 200)
})

test('a refusal names the way that is expected, and echoes nothing', async () => {
  const { status, headers, body } = await forItself({}, basic('shop', 'guessed'))
  assert.equal(status, 401)
  assert.match(headers.get('www-authenticate') ?? '', /^Basic/)
  assert.doesNotMatch(JSON.stringify(body), /guessed/)
  assert.match(headers.get('cache-control') ?? '', /no-store/)
})

test('an assertion is good once', async () => {
  const used = await assertion()
  assert.equal((await withAssertion(used)).status, 200)
  const again = await withAssertion(used)
  assert.equal(again.body.error, 'invalid_client')
  const together = await assertion()
  const answers = await Promise.all([1, 2, 3, 4, 5].map(() => withAssertion(together)))
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 401, 401, 401, 401])
})

test('an assertion is for us, from its client, of now, and signed by its key', async () => {
  const now = Math.floor(Date.now() / 1000)
  const wrong: Record<string, Promise<string>> = {
    'for somebody else': assertion({ aud: 'https://other.example' }),
    'from another client': assertion({ iss: 'shop' }),
    'about another client': assertion({ sub: 'shop' }),
    'run out': assertion({ iat: now - 120, exp: now - 60 }),
    'not yet good': assertion({ nbf: now + 120 }),
    'good for an hour': assertion({ exp: now + 3600 }),
    'good for ever': assertion({ exp: 9_007_199_254_740_991 }),
    'without an end': assertion({ exp: undefined }),
    'without an id': assertion({ jti: undefined }),
    'signed by a stranger': assertion({}, { key: stranger.privateKey }),
    'signed with the public key as a secret': assertion(
      {},
      { alg: 'HS256', key: Buffer.from(JSON.stringify(publicJwk)) },
    ),
  }
  for (const [what, jwt] of Object.entries(wrong)) {
    const { status, body } = await withAssertion(await jwt)
    assert.equal(status, 401, what)
    assert.equal(body.error, 'invalid_client', what)
  }
  const [, payload] = (await assertion()).split('.')
  const header = Buffer.from('{"alg":"none"}').toString('base64url')
  for (const jwt of [`${header}.${payload}.`, 'x', 'a.b.c', '']) {
    assert.ok([400, 401].includes((await withAssertion(jwt)).status), jwt)
  }
  assert.equal((await withAssertion(await assertion({ exp: now + 240 }))).status, 200)
})

test('an application that signs has no secret to fall back on', async () => {
  const { body } = await forItself({}, basic('signer', 'hashed'))
  assert.equal(body.error, 'invalid_client')
  const posted = await forItself({ client_id: 'signer', client_secret: 'hashed' })
  assert.equal(posted.body.error, 'invalid_client')
  const shops = await forItself({}, basic('shop', 'hashed'))
  assert.equal(shops.body.error, 'invalid_client')
})

test('a public application says who it is, and gets nothing for itself', async () => {
  const { status, body } = await forItself({ client_id: 'page' })
  assert.equal(status, 400)
  assert.match(body.error_description, /not allowed/)
})

test('no secret is in the database, only hashes', async () => {
  const rows = await sql<{ all: string }>('select c::text as all from clients c')
  const text = rows.map((row) => row.all).join('\n')
  assert.match(text, /sha256:/)
  for (const secret of [odd, plain]) assert.equal(text.includes(secret), false)
})
