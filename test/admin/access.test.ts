import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { decodeJwt, generateKeyPair, SignJWT } from 'jose'
import { managementScopes } from '#src/admin/index.ts'
import { accessToken, apiOf, ops, program, startManaged } from './api.ts'
import type { Described } from './every-route.ts'

const server = await startManaged(
  { after },
  {
    config: {
      clients: [
        program('reader', ['settings:read']),
        program('elsewhere', ['orders:read']),
        program('anything', []),
      ],
      resources: [{ indicator: 'https://api.shop.example', scopes: ['orders:read'] }],
    },
  },
)
const all = await ops(server)

const ask = (clientId: string, fields: Record<string, string>) =>
  server.fetch(`${server.issuer}/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${btoa(`${clientId}:a-management-secret-for-tests-only-a-secret`)}`,
    },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...fields }),
  })

test('a program that was given the scopes reads the settings', async () => {
  const { status, body } = await all.call('GET', '/settings')
  assert.equal(status, 200)
  assert.equal(body.settings.signIn.registration, 'open')
})

test('nobody without a token is answered, and each is told what is missing', async () => {
  const cases: [string | null, Record<string, string>, string][] = [
    [null, {}, 'Bearer'],
    [null, { authorization: 'Basic b3BzOnNlY3JldA==' }, 'Bearer'],
    ['nonsense', {}, 'Bearer error="invalid_token"'],
    [`${all.token}x`, {}, 'Bearer error="invalid_token"'],
    [`${all.token} ${all.token}`, {}, 'Bearer'],
  ]
  for (const [token, headers, challenge] of cases) {
    const {
      status,
      body,
      headers: got,
    } = await apiOf(server, token).call('GET', '/settings', undefined, headers)
    assert.equal(status, 401)
    assert.equal(body.code, 'unauthenticated')
    assert.equal(got.get('www-authenticate'), challenge)
    assert.match(got.get('content-type') ?? '', /^application\/problem\+json/)
  }
})

test('a token for another API opens nothing here', async () => {
  const answer = await ask('elsewhere', {
    resource: 'https://api.shop.example',
    scope: 'orders:read',
  })
  const { access_token } = (await answer.json()) as { access_token: string }
  const { status } = await apiOf(server, access_token).call('GET', '/settings')
  assert.equal(status, 401)
})

test('a token that somebody else has signed, or nobody, opens nothing', async () => {
  const key = await generateKeyPair('ES256')
  const claims = decodeJwt(all.token)
  const sign = (alg: string, typ: string, signer: Parameters<SignJWT['sign']>[0]) =>
    new SignJWT(claims).setProtectedHeader({ alg, typ }).sign(signer)
  const [head, payload] = all.token.split('.')
  const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')
  const jwks = await (await server.fetch(`${server.issuer}/jwks`)).text()
  for (const forged of [
    await sign('ES256', 'at+jwt', key.privateKey),
    await sign('HS256', 'at+jwt', new TextEncoder().encode(jwks)),
    `${none}.${payload}.`,
    `${head}.${payload}.`,
    `${head}.${Buffer.from(JSON.stringify({ ...claims, scope: 'admins:write' })).toString('base64url')}.${all.token.split('.')[2]}`,
  ]) {
    assert.equal((await apiOf(server, forged).call('GET', '/settings')).status, 401, forged)
  }
})

test('a token in the address or the body is no token', async () => {
  const nobody = apiOf(server, null)
  assert.equal((await nobody.call('GET', `/settings?access_token=${all.token}`)).status, 401)
  const body = { access_token: all.token }
  assert.equal((await nobody.call('PATCH', '/settings', body)).status, 401)
})

test('an access token says whose it is, for whom and for how long, and little else', async () => {
  assert.ok(all.token.length < 4096)
  const { aud, iss, client_id, sub, exp, iat, jti } = decodeJwt(all.token)
  assert.deepEqual(
    [aud, iss, client_id, sub],
    [`${server.baseUrl}/api`, server.issuer, 'ops', 'ops'],
  )
  assert.ok(jti && exp! - iat! <= 900)
})

test('a client that was given no scopes one by one gets none', async () => {
  const answer = await ask('anything', {
    resource: `${server.baseUrl}/api`,
    scope: 'settings:read',
  })
  const { access_token } = (await answer.json()) as { access_token: string }
  const { status } = await apiOf(server, access_token).call('GET', '/settings')
  assert.equal(status, 403)
})

test('what was not asked for with the token is refused, with the scope that it needs', async () => {
  const reader = apiOf(server, await accessToken(server, 'reader', ['settings:read']))
  assert.equal((await reader.call('GET', '/settings')).status, 200)
  const { status, body } = await reader.call('PATCH', '/settings', { codes: { tries: 3 } })
  assert.equal(status, 403)
  assert.equal(body.code, 'insufficient_scope')
  assert.match(body.detail, /settings:write/)
})

test('a path that is not there, and a method that is not done, are told apart', async () => {
  assert.equal((await all.call('GET', '/nothing')).status, 404)
  const { status, headers } = await all.call('DELETE', '/settings')
  assert.equal(status, 405)
  assert.match(headers.get('allow') ?? '', /PATCH/)
})

test('the document names every operation with its scope', async () => {
  const { body } = await apiOf(server, null).call('GET', '/openapi.json')
  assert.equal(body.openapi, '3.1.0')
  const change = body.paths['/settings'].patch
  assert.equal(change.operationId, 'settings.change')
  assert.deepEqual(change.security, [{ oauth: ['settings:write'] }])
  const { flows } = body.components.securitySchemes.oauth
  for (const flow of [flows.clientCredentials, flows.authorizationCode]) {
    assert.equal(flow.tokenUrl, `${server.issuer}/token`)
    assert.deepEqual(Object.keys(flow.scopes), [...managementScopes])
  }
  assert.equal(flows.authorizationCode.authorizationUrl, `${server.issuer}/auth`)
  for (const [path, methods] of Object.entries<Record<string, Described>>(body.paths)) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    for (const each of Object.values(methods)) {
      const params = each.parameters.filter(({ in: where }) => where === 'path')
      assert.deepEqual(params.map(({ name }) => name).sort(), named.sort(), each.operationId)
    }
  }
  const refs = JSON.stringify(body).match(/"\$ref":"[^"]+"/g) ?? []
  assert.deepEqual(new Set(refs), new Set(['"$ref":"#/components/schemas/Problem"']))
})
