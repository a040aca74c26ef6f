import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, test } from 'node:test'
import {
  calculateJwkThumbprint,
  exportJWK,
  type GenerateKeyPairResult,
  generateKeyPair,
  type JWK,
  SignJWT,
} from 'jose'
import * as client from 'openid-client'
import { relyingParty } from '../support/relying-party.ts'
import { ask, basic, database, newMember, startProvider } from './provider.ts'

const secret = 'a-client-secret-for-tests-only-and-nothing-else'
const machine = ['authorization_code', 'refresh_token', 'client_credentials']

const shop = await relyingParty({ after }, { registration: { grant_types: machine } })
const strict = await relyingParty(
  { after },
  { clientId: 'strict', registration: { dpop_bound_access_tokens: true } },
)
const page = await relyingParty({ after }, { clientId: 'page', clientSecret: null })
const server = await startProvider({ after }, [shop, strict, page])
const sql = database({ after }, server)
const anna = newMember(server)
await anna.signIn(shop)

const pair = await generateKeyPair('ES256', { extractable: true })
const other = await generateKeyPair('ES256', { extractable: true })
const tokenUrl = `${server.issuer}/token`
const meUrl = `${server.issuer}/me`

interface ProofOptions {
  keys?: GenerateKeyPairResult
  jwk?: JWK
  typ?: string
  accessToken?: string
  claims?: Record<string, unknown>
}

const proof = async (method: string, url: string, options: ProofOptions = {}) => {
  const { keys = pair, accessToken, claims = {}, typ = 'dpop+jwt' } = options
  const ath = accessToken && createHash('sha256').update(accessToken).digest('base64url')
  return new SignJWT({
    htm: method,
    htu: url,
    jti: crypto.randomUUID(),
    iat: Math.floor(Date.now() / 1000),
    ...(ath ? { ath } : {}),
    ...claims,
  })
    .setProtectedHeader({
      alg: 'ES256',
      typ,
      jwk: options.jwk ?? (await exportJWK(keys.publicKey)),
    })
    .sign(keys.privateKey)
}

const forItself = (dpop: string) =>
  ask(server, 'token', { grant_type: 'client_credentials' }, { ...basic('shop', secret), dpop })

const me = (token: string, dpop?: string, scheme = 'DPoP') =>
  server
    .fetch(meUrl, { headers: { authorization: `${scheme} ${token}`, ...(dpop ? { dpop } : {}) } })
    .then(({ status }) => status)

const signIn = async (party = shop, keys = pair) => {
  const { request, url } = await anna.authorize(party, { scope: 'openid offline_access' })
  const answer = await ask(
    server,
    'token',
    {
      grant_type: 'authorization_code',
      code: new URL(url).searchParams.get('code')!,
      redirect_uri: party.redirectUri,
      code_verifier: request.verifier,
    },
    {
      ...basic(String(party.registration.client_id), secret),
      dpop: await proof('POST', tokenUrl, { keys }),
    },
  )
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return answer.body
}

test('openid-client gets tokens that are bound to its key, and uses them', async () => {
  const handle = client.getDPoPHandle(shop.config(), await client.randomDPoPKeyPair('ES256'))
  const { request, url } = await anna.authorize(shop, { scope: 'openid offline_access' })
  const tokens = await client.authorizationCodeGrant(
    shop.config(),
    new URL(url),
    {
      pkceCodeVerifier: request.verifier,
      expectedState: request.state,
      expectedNonce: request.nonce,
    },
    {},
    { DPoP: handle },
  )
  assert.equal(tokens.token_type, 'dpop')
  const { sub } = tokens.claims()!
  const info = await client.fetchUserInfo(shop.config(), tokens.access_token, sub, { DPoP: handle })
  assert.equal(info.sub, sub)
  const next = await client.refreshTokenGrant(
    shop.config(),
    tokens.refresh_token!,
    {},
    { DPoP: handle },
  )
  assert.equal(next.token_type, 'dpop')
})

test('a bound access token is useless without the key, or with another', async () => {
  const { access_token: token, token_type } = await signIn()
  assert.equal(token_type, 'DPoP')
  const { cnf } = (await shop.introspect(token)) as { cnf?: { jkt: string } }
  assert.equal(cnf?.jkt, await calculateJwkThumbprint(await exportJWK(pair.publicKey)))
  assert.equal(await me(token, undefined, 'Bearer'), 401)
  assert.equal(await me(token), 400)
  assert.equal(await me(token, await proof('GET', meUrl, { accessToken: token, keys: other })), 401)
  assert.equal(await me(token, await proof('GET', meUrl)), 401)
  assert.equal(await me(token, await proof('GET', meUrl, { accessToken: `${token}x` })), 401)
  assert.equal(await me(token, await proof('GET', meUrl, { accessToken: token })), 200)
})

test('a proof is good once, also when it comes several times at once', async () => {
  const { access_token: token } = await signIn()
  const used = await proof('GET', meUrl, { accessToken: token })
  assert.equal(await me(token, used), 200)
  assert.equal(await me(token, used), 401)
  const one = await proof('POST', tokenUrl)
  const answers = await Promise.all([1, 2, 3, 4, 5].map(() => forItself(one)))
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
})

test('a proof that is dated ahead is remembered for as long as it would be taken', async () => {
  const ahead = await proof('POST', tokenUrl, {
    claims: { iat: Math.floor(Date.now() / 1000) + 280 },
  })
  assert.equal((await forItself(ahead)).status, 200)
  await sql(`update oidc_replays set expires_at = expires_at - interval '310 seconds'`)
  assert.equal((await forItself(ahead)).status, 400)
})

test('a proof is for this request, of now, and of a key that is shown', async () => {
  const now = Math.floor(Date.now() / 1000)
  const publicKey = await exportJWK(pair.publicKey)
  const wrong: Record<string, Promise<string>> = {
    'another URL': proof('POST', meUrl),
    'another host': proof('POST', tokenUrl.replace('localhost', 'evil.example')),
    'another method': proof('GET', tokenUrl),
    'no URL': proof('POST', tokenUrl, { claims: { htu: undefined } }),
    'no id': proof('POST', tokenUrl, { claims: { jti: undefined } }),
    'no time': proof('POST', tokenUrl, { claims: { iat: undefined } }),
    'an old one': proof('POST', tokenUrl, { claims: { iat: now - 400 } }),
    'one of tomorrow': proof('POST', tokenUrl, { claims: { iat: now + 86_400 } }),
    'an invented nonce': proof('POST', tokenUrl, { claims: { nonce: 'x' } }),
    'another type': proof('POST', tokenUrl, { typ: 'JWT' }),
    'the key of another': proof('POST', tokenUrl, { jwk: await exportJWK(other.publicKey) }),
    'a private key in it': proof('POST', tokenUrl, { jwk: await exportJWK(pair.privateKey) }),
    'a symmetric key': proof('POST', tokenUrl, { jwk: { kty: 'oct', k: 'AAAA' } }),
    'no key': proof('POST', tokenUrl, { jwk: { kty: publicKey.kty! } }),
  }
  for (const [what, dpop] of Object.entries(wrong)) {
    const { status, body } = await forItself(await dpop)
    assert.equal(status, 400, what)
    assert.equal(body.error, 'invalid_dpop_proof', what)
  }
  for (const dpop of ['x', 'a.b.c', '']) {
    assert.ok((await forItself(dpop)).status < 500, dpop)
  }
})

test('the refresh token of a public application is bound to the key as well', async () => {
  const request = await page.authorize({ scope: 'openid offline_access' })
  await anna.browser.open(request.url)
  const { left } = await anna.browser.submit('consent', { decision: 'allow' })
  const fields = { client_id: 'page', redirect_uri: page.redirectUri }
  const code = new URL(left!).searchParams.get('code')!
  const { body: first } = await ask(
    server,
    'token',
    { ...fields, grant_type: 'authorization_code', code, code_verifier: request.verifier },
    { dpop: await proof('POST', tokenUrl) },
  )
  const refresh = async (dpop: string | null) =>
    ask(
      server,
      'token',
      { client_id: 'page', grant_type: 'refresh_token', refresh_token: first.refresh_token },
      dpop ? { dpop } : {},
    )
  assert.equal((await refresh(null)).body.error, 'invalid_grant')
  const stolen = await refresh(await proof('POST', tokenUrl, { keys: other }))
  assert.equal(stolen.body.error, 'invalid_grant')
  const own = await refresh(await proof('POST', tokenUrl))
  assert.equal(own.status, 200)
  assert.equal(own.body.token_type, 'DPoP')
})

test('an application that has to prove its key gets no token without', async () => {
  const { request, url } = await anna.authorize(strict)
  await assert.rejects(strict.exchange(request, url))
  assert.equal((await signIn(strict)).token_type, 'DPoP')
})

test('a request that names its key gives a code for that key only', async () => {
  const jkt = await calculateJwkThumbprint(await exportJWK(pair.publicKey))
  const redeem = async (keys: GenerateKeyPairResult | null) => {
    const { request, url } = await anna.authorize(shop, { dpop_jkt: jkt })
    const fields = {
      grant_type: 'authorization_code',
      code: new URL(url).searchParams.get('code')!,
      redirect_uri: shop.redirectUri,
      code_verifier: request.verifier,
    }
    return ask(server, 'token', fields, {
      ...basic('shop', secret),
      ...(keys ? { dpop: await proof('POST', tokenUrl, { keys }) } : {}),
    })
  }
  assert.equal((await redeem(null)).status, 400)
  assert.equal((await redeem(other)).status, 400)
  assert.equal((await redeem(pair)).status, 200)
})
