import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { relyingParty } from '../support/relying-party.ts'
import { startProvider } from './provider.ts'

const server = await startProvider({ after }, [await relyingParty({ after })])

const metadata = async (
  headers: Record<string, string> = {},
  path = '/oidc/.well-known/openid-configuration',
) => {
  const answer = await server.fetch(server.baseUrl + path, { headers })
  return { status: answer.status, text: await answer.text(), headers: answer.headers }
}

test('discovery tells exactly what there is: code flow, S256, no registration, every endpoint ours', async () => {
  const { status, text } = await metadata()
  assert.equal(status, 200)
  const at = (path: string) => `${server.issuer}/${path}`
  assert.deepEqual(sorted(JSON.parse(text)), {
    acr_values_supported: ['aal1', 'aal2', 'phr'],
    authorization_endpoint: at('auth'),
    authorization_response_iss_parameter_supported: true,
    backchannel_logout_session_supported: true,
    backchannel_logout_supported: true,
    claim_types_supported: ['normal'],
    claims_parameter_supported: true,
    claims_supported: [
      ...['acr', 'amr', 'auth_time', 'custom_data', 'email', 'email_verified', 'iss', 'locale'],
      ...['name', 'phone_number', 'phone_number_verified', 'preferred_username', 'roles', 'sid'],
      'sub',
      'updated_at',
    ],
    code_challenge_methods_supported: ['S256'],
    device_authorization_endpoint: at('device/auth'),
    dpop_signing_alg_values_supported: ['ES256', 'Ed25519', 'EdDSA', 'PS256', 'RS256'],
    end_session_endpoint: at('session/end'),
    grant_types_supported: [
      ...['authorization_code', 'client_credentials', 'refresh_token'],
      'urn:ietf:params:oauth:grant-type:device_code',
    ],
    id_token_signing_alg_values_supported: ['ES256', 'RS256'],
    introspection_endpoint: at('token/introspection'),
    issuer: server.issuer,
    jwks_uri: at('jwks'),
    pushed_authorization_request_endpoint: at('request'),
    request_uri_parameter_supported: false,
    response_modes_supported: ['form_post', 'fragment', 'query'],
    response_types_supported: ['code'],
    revocation_endpoint: at('token/revocation'),
    scopes_supported: [
      'custom_data',
      'email',
      'offline_access',
      'openid',
      'phone',
      'profile',
      'roles',
    ],
    subject_types_supported: ['public'],
    token_endpoint: at('token'),
    token_endpoint_auth_methods_supported: [
      ...['client_secret_basic', 'client_secret_post', 'none', 'private_key_jwt'],
    ],
    token_endpoint_auth_signing_alg_values_supported: [
      ...['ES256', 'Ed25519', 'EdDSA', 'PS256', 'RS256'],
    ],
    userinfo_endpoint: at('me'),
  })
})

/** Order tells nothing in these documents. */
const sorted = (document: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(document).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.toSorted() : value,
    ]),
  )

test('the same document is where RFC 8414 looks for it', async () => {
  const { text } = await metadata()
  for (const document of ['oauth-authorization-server', 'openid-configuration']) {
    const other = await metadata({}, `/.well-known/${document}/oidc`)
    assert.equal(other.status, 200)
    assert.deepEqual(JSON.parse(other.text), JSON.parse(text))
  }
  assert.equal((await metadata({}, '/.well-known/anything-else/oidc')).status, 404)
})

test('a request under another host name is refused, and changes no endpoint', async () => {
  const port = new URL(server.baseUrl).port
  for (const host of ['evil.example', `evil.example:${port}`, `127.0.0.1:${port}`, 'localhost']) {
    const { status, text } = await metadata({ host })
    assert.equal(status, 421, host)
    assert.doesNotMatch(text, /evil\.example/)
  }
})

test('forwarding headers of strangers change no endpoint', async () => {
  const { text: plain } = await metadata()
  const hostile = {
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'https',
    'x-forwarded-port': '444',
    forwarded: 'host=evil.example;proto=https',
    'x-original-url': '/evil',
  }
  const { status, text } = await metadata(hostile)
  assert.equal(status, 200)
  assert.equal(text, plain)
})

test('the published keys are public: RSA of 2048 bits and P-256, each with its own name', async () => {
  const answer = await server.fetch(`${server.issuer}/jwks`)
  const { keys } = (await answer.json()) as { keys: Record<string, string>[] }
  const names = keys.map((key) => Object.keys(key).sort().join(' ')).sort()
  assert.deepEqual(names, ['alg crv kid kty use x y', 'alg e kid kty n use'])
  assert.equal(new Set(keys.map(({ kid }) => kid)).size, 2)
  const rsa = keys.find(({ kty }) => kty === 'RSA')!
  assert.equal(Buffer.from(rsa.n!, 'base64url').length * 8, 2048)
})

test('discovery and keys can be read by the scripts of any site', async () => {
  for (const path of ['.well-known/openid-configuration', 'jwks']) {
    const answer = await server.fetch(`${server.issuer}/${path}`, {
      headers: { origin: 'https://anyone.example' },
    })
    assert.ok(
      ['*', 'https://anyone.example'].includes(
        answer.headers.get('access-control-allow-origin') ?? '',
      ),
      path,
    )
  }
})

test('there is no registration, no session frame and no page of the library for developers', async () => {
  for (const path of ['reg', 'session/check', 'interaction/x', 'backchannel', 'challenge']) {
    const answer = await server.fetch(`${server.issuer}/${path}`)
    assert.equal(answer.status, 404, path)
    const posted = await server.fetch(`${server.issuer}/${path}`, { method: 'POST' })
    assert.ok([403, 404, 405].includes(posted.status), `${path}: ${posted.status}`)
  }
})
