import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { accessToken, apiOf, ops, program, startManaged } from './api.ts'

const server = await startManaged(
  { after },
  {
    config: {
      clients: [
        program('maker', ['clients:read', 'clients:write']),
        program('looker', ['clients:read']),
      ],
    },
  },
)
const api = await ops(server)
const maker = apiOf(server, await accessToken(server, 'maker', ['clients:read', 'clients:write']))

const shop = { client_name: 'Shop', redirect_uris: ['https://shop.example/callback'] }
const machine = { grant_types: ['client_credentials'] }
const create = async (body: object) => {
  const answer = await api.call('POST', '/clients', body)
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return answer.body
}

test('a program gives nobody more than it has itself', async () => {
  const own = await maker.call('POST', '/clients', { ...machine, api_scopes: ['clients:read'] })
  assert.equal(own.status, 201)
  const more = { ...machine, api_scopes: ['clients:read', 'admins:write'] }
  const refused = await maker.call('POST', '/clients', more)
  assert.equal(refused.status, 403)
  assert.equal(refused.body.code, 'insufficient_scope')
  assert.deepEqual(
    refused.body.errors.map(({ path }: { path: string }) => path),
    ['api_scopes[1]'],
  )
  const path = `/clients/${own.body.client_id}`
  const raised = await maker.call('PATCH', path, { api_scopes: ['users:write'] })
  assert.equal(raised.status, 403)
  assert.deepEqual((await api.call('GET', path)).body.api_scopes, ['clients:read'])
})

test('a program does not take over a client that may do more than itself', async () => {
  const strong = await create({ ...machine, api_scopes: ['admins:write'] })
  const path = `/clients/${strong.client_id}`
  assert.equal((await maker.call('POST', `${path}/secrets`, {})).status, 403)
  for (const body of [
    { client_name: 'Mine' },
    { api_scopes: [] },
    { jwks_uri: 'https://evil.example/jwks', token_endpoint_auth_method: 'private_key_jwt' },
  ]) {
    assert.equal((await maker.call('PATCH', path, body)).status, 403, JSON.stringify(body))
  }
  assert.equal((await api.call('GET', path)).body.version, 1)
})

test('who may only look changes nothing', async () => {
  const made = await create(shop)
  const path = `/clients/${made.client_id}`
  const looker = apiOf(server, await accessToken(server, 'looker', ['clients:read']))
  assert.equal((await looker.call('GET', path)).status, 200)
  for (const [method, where, body] of [
    ['POST', '/clients', shop],
    ['PATCH', path, { client_name: 'Mine' }],
    ['DELETE', path],
    ['POST', `${path}/secrets`, {}],
    ['DELETE', `${path}/secrets/${made.secrets[0].id}`],
  ] as const) {
    assert.equal((await looker.call(method, where, body)).status, 403, `${method} ${where}`)
  }
})

test('what the configuration file holds is read, and not changed', async () => {
  const { body } = await api.call('GET', '/clients/looker')
  assert.equal(body.managed_by_file, true)
  assert.deepEqual(body.secrets, [
    { id: 'declared', label: null, created_at: null, expires_at: null },
  ])
  for (const [method, path, sent] of [
    ['PATCH', '/clients/looker', { client_name: 'Mine' }],
    ['DELETE', '/clients/looker'],
    ['POST', '/clients/looker/secrets', {}],
    ['DELETE', '/clients/looker/secrets/declared'],
  ] as const) {
    const answer = await api.call(method, path, sent)
    assert.equal(answer.status, 409, `${method} ${path}`)
    assert.equal(answer.body.code, 'managed_by_file')
  }
})
