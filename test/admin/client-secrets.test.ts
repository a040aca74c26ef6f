import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ask, basic } from '../oidc/provider.ts'
import { ops, startManaged } from './api.ts'

const server = await startManaged({ after })
const api = await ops(server)

const create = async () => {
  const { body } = await api.call('POST', '/clients', { grant_types: ['client_credentials'] })
  return { path: `/clients/${body.client_id}`, ...body }
}
const works = async (id: string, secret: string): Promise<boolean> => {
  const fields = { grant_type: 'client_credentials' }
  const { status, body } = await ask(server, 'token', fields, basic(id, secret))
  assert.ok(status === 200 || body.error === 'invalid_client', `${status} ${body?.error}`)
  return status === 200
}
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString()

test('a secret is replaced while the old one works, and removed once it is no longer used', async () => {
  const made = await create()
  const added = await api.call('POST', `${made.path}/secrets`, { label: 'Server 2' })
  assert.equal(added.status, 201)
  assert.equal(added.body.label, 'Server 2')
  assert.equal(await works(made.client_id, made.client_secret), true)
  assert.equal(await works(made.client_id, added.body.client_secret), true)

  const old = `${made.path}/secrets/${made.secrets[0].id}`
  assert.equal((await api.call('DELETE', old)).status, 204)
  assert.equal((await api.call('DELETE', old)).status, 404)
  assert.equal(await works(made.client_id, made.client_secret), false)
  assert.equal(await works(made.client_id, added.body.client_secret), true)

  const last = await api.call('DELETE', `${made.path}/secrets/${added.body.id}`)
  assert.equal(last.status, 409)
  assert.equal(last.body.code, 'last_secret')
})

test('a secret that was given an end stops by itself, and the others go on', async () => {
  const made = await create()
  const { status, body: added } = await api.call('POST', `${made.path}/secrets`, {
    others_expire_at: inMs(5000),
  })
  assert.equal(status, 201)
  while (await works(made.client_id, made.client_secret)) await sleep(100)
  assert.equal(await works(made.client_id, added.client_secret), true)
  const { body } = await api.call('GET', made.path)
  assert.equal(body.secrets.length, 2)
  assert.equal(body.secrets[1].expires_at, null)
})

test('an end that has passed, or is no date, is refused', async () => {
  const made = await create()
  for (const expires_at of [
    inMs(-1000),
    'tomorrow',
    '2027-13-01T00:00:00Z',
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59-23:59',
    253402300800,
    '',
  ]) {
    const { status, body } = await api.call('POST', `${made.path}/secrets`, { expires_at })
    assert.equal(status, 422, String(expires_at))
    assert.equal(body.errors[0].path, 'expires_at')
  }
  const { status, body } = await api.call('POST', `${made.path}/secrets`, {
    expires_at: '2999-01-01T00:00:00+02:00',
  })
  assert.equal(status, 201)
  assert.equal(body.expires_at, '2998-12-31T22:00:00.000Z')
})

test('a client that is public, or signs, has no use for a secret', async () => {
  const { body } = await api.call('POST', '/clients', {
    redirect_uris: ['com.example.app:/callback'],
    token_endpoint_auth_method: 'none',
  })
  assert.equal(body.client_secret, undefined)
  const refused = await api.call('POST', `/clients/${body.client_id}/secrets`, {})
  assert.equal(refused.status, 422)
  assert.equal(refused.body.errors[0].path, 'token_endpoint_auth_method')
})

test('a hundred who ask for the same secret with one key make one', async () => {
  const made = await create()
  const answers = await Promise.all(
    Array.from({ length: 100 }, () =>
      api.call('POST', `${made.path}/secrets`, {}, { 'idempotency-key': 'one-secret' }),
    ),
  )
  const values = answers
    .filter(({ status }) => status === 201)
    .map(({ body }) => body.client_secret)
  assert.equal(new Set(values).size, 1)
  assert.equal((await api.call('GET', made.path)).body.secrets.length, 2)
})

test('a secret that applications have already is taken along, unless it can be guessed', async () => {
  const client_secret = 'kQ2-brought-along-from-another-server-7Zx'
  const { status, body } = await api.call('POST', '/clients', {
    grant_types: ['client_credentials'],
    client_secret,
  })
  assert.equal(status, 201, JSON.stringify(body))
  assert.equal(await works(body.client_id, client_secret), true)
  const path = `/clients/${body.client_id}/secrets`
  const second = `${client_secret}-2`
  assert.equal((await api.call('POST', path, { client_secret: second })).status, 201)
  assert.equal(await works(body.client_id, second), true)
  for (const weak of [
    'short',
    'a'.repeat(40),
    'change-me-change-me-change-me-change-me',
    `${second} x`,
  ]) {
    assert.equal((await api.call('POST', path, { client_secret: weak })).status, 422, weak)
    const made = await api.call('POST', '/clients', {
      grant_types: ['client_credentials'],
      client_secret: weak,
    })
    assert.equal(made.status, 422, weak)
  }
  const none = await api.call('POST', '/clients', {
    redirect_uris: ['https://spa.example/callback'],
    token_endpoint_auth_method: 'none',
    client_secret,
  })
  assert.equal(none.body.errors[0].path, 'client_secret')
})
