import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { ask, basic, database, newMember, quick, refuses } from '../oidc/provider.ts'
import { relyingParty } from '../support/relying-party.ts'
import { ops, startManaged } from './api.ts'

const server = await startManaged({ after }, { config: { ...quick } })
const api = await ops(server)
const sql = database({ after }, server)

const shop = { client_name: 'Shop', redirect_uris: ['https://shop.example/callback'] }
const machine = { grant_types: ['client_credentials'] }
const create = async (body: object) => {
  const answer = await api.call('POST', '/clients', body)
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return answer.body
}
const grantFor = (id: string, secret: string, fields: Record<string, string> = {}) =>
  ask(server, 'token', { grant_type: 'client_credentials', ...fields }, basic(id, secret))

test('a client that was just made gets a token by the secret that was shown once', async () => {
  const made = await create({ ...machine, client_name: 'Nightly job' })
  assert.equal((await grantFor(made.client_id, made.client_secret)).status, 200)
  assert.equal((await grantFor(made.client_id, `${made.client_secret}x`)).status, 401)
  const { status, body, headers } = await api.call('GET', `/clients/${made.client_id}`)
  assert.equal(status, 200)
  assert.equal(headers.get('etag'), '"1"')
  const { client_secret, ...rest } = made
  assert.deepEqual(body, rest)
  assert.deepEqual(Object.keys(body.secrets[0]).sort(), ['created_at', 'expires_at', 'id', 'label'])
  assert.ok(!JSON.stringify(body).includes('sha256'))
})

test('people sign in to a client that was just made, and a deleted one is given nothing more', async () => {
  const made = { client_id: 'new-shop', client_secret: '' }
  const party = await relyingParty(
    { after },
    {
      clientId: made.client_id,
      authentication: (_as, _client, _body, headers) => {
        headers.set('authorization', basic(made.client_id, made.client_secret).authorization)
      },
    },
  )
  Object.assign(
    made,
    await create({
      client_id: made.client_id,
      redirect_uris: [party.redirectUri],
      first_party: true,
    }),
  )
  await party.discover(server)
  const anna = newMember(server)
  const tokens = await anna.signIn(party, { scope: 'openid offline_access' })
  assert.ok((await party.userinfo(tokens)).sub)
  await sql(
    `insert into consents (user_id, client_id, scopes) select id, $1, '{openid}' from users`,
    [made.client_id],
  )

  assert.equal((await api.call('DELETE', `/clients/${made.client_id}`)).status, 204)
  assert.equal((await api.call('GET', `/clients/${made.client_id}`)).status, 404)
  assert.equal((await api.call('DELETE', `/clients/${made.client_id}`)).status, 404)
  await assert.rejects(party.refresh(tokens), (thrown: { status: number }) => thrown.status === 401)

  const again = await create({
    client_id: made.client_id,
    redirect_uris: [party.redirectUri],
    first_party: true,
  })
  made.client_secret = again.client_secret
  await refuses(party.refresh(tokens), 'invalid_grant')
  await assert.rejects(party.userinfo(tokens))
  for (const table of ['oidc_tokens', 'oidc_grants', 'consents']) {
    const left = await sql(`select 1 from ${table} where client_id = $1`, [made.client_id])
    assert.equal(left.length, 0, table)
  }
})

test('of two who change the same version, one is told', async () => {
  const made = await create(shop)
  const path = `/clients/${made.client_id}`
  const { headers } = await api.call('GET', path)
  const change = (client_name: string) =>
    api.call('PATCH', path, { client_name }, { 'if-match': headers.get('etag')! })
  const both = await Promise.all([change('One'), change('Two')])
  assert.deepEqual(both.map(({ status }) => status).sort(), [200, 412])
  const stale = { 'if-match': '"1"' }
  assert.equal((await api.call('DELETE', path, undefined, stale)).status, 412)
  assert.equal((await api.call('POST', `${path}/secrets`, {}, stale)).status, 412)
  const { body } = await api.call('GET', path)
  assert.equal(body.version, 2)
  assert.deepEqual(body.redirect_uris, shop.redirect_uris)
})

test('a change is in force at once in the process that made it', async () => {
  const made = await create(machine)
  assert.equal((await grantFor(made.client_id, made.client_secret)).status, 200)
  const path = `/clients/${made.client_id}`
  const { status } = await api.call('PATCH', path, {
    grant_types: ['authorization_code'],
    redirect_uris: shop.redirect_uris,
  })
  assert.equal(status, 200)
  const { body } = await grantFor(made.client_id, made.client_secret)
  assert.equal(body.error, 'invalid_request')
  assert.match(body.error_description, /not allowed/)
})

test('a request that is sent again makes one client, with the same secret', async () => {
  const key = { 'idempotency-key': 'one-client' }
  const first = await api.call('POST', '/clients', machine, key)
  const second = await api.call('POST', '/clients', machine, key)
  assert.deepEqual([first.status, second.status], [201, 201])
  assert.deepEqual(second.body, first.body)
  assert.equal((await grantFor(second.body.client_id, second.body.client_secret)).status, 200)
  const other = await api.call('POST', '/clients', { ...machine, client_name: 'Other' }, key)
  assert.equal(other.body.code, 'idempotency_key_reused')
  const kept = await sql<{ all: string }>('select r::text as all from idempotent_requests r')
  assert.ok(!kept.some(({ all }) => all.includes(first.body.client_secret)))
})

test('a hundred requests with one key at the same moment make one client', async () => {
  const before = await sql('select 1 from clients')
  const answers = await Promise.all(
    Array.from({ length: 100 }, () =>
      api.call('POST', '/clients', machine, { 'idempotency-key': 'a-hundred' }),
    ),
  )
  const made = answers.filter(({ status }) => status === 201)
  assert.ok(made.length > 0)
  assert.equal(new Set(made.map(({ body }) => body.client_secret)).size, 1)
  // Whoever waited too long is told to come again.
  const codes = answers.filter(({ status }) => status !== 201).map(({ body }) => body.code)
  assert.deepEqual(
    codes.filter((code) => !['in_progress', 'unavailable', 'busy'].includes(code)),
    [],
  )
  assert.equal((await sql('select 1 from clients')).length, before.length + 1)
})

test('who changed which client is noted, without secrets', async () => {
  const made = await create({ ...shop, client_id: 'noted' })
  await api.call('PATCH', '/clients/noted', { client_name: 'Renamed' })
  const { body: added } = await api.call('POST', '/clients/noted/secrets', { label: 'New' })
  await api.call('DELETE', `/clients/noted/secrets/${made.secrets[0].id}`)
  await api.call('DELETE', '/clients/noted')
  const rows = await sql<{ event: string; actor_id: string; all: string }>(
    `select event, actor_id, e::text as all from audit_events e
      where client_id = 'noted' and actor_id is not null order by e.id`,
  )
  assert.deepEqual(
    rows.map(({ event }) => event),
    [
      'client.created',
      'client.changed',
      'client.secret_added',
      'client.secret_removed',
      'client.deleted',
    ],
  )
  for (const { actor_id, all } of rows) {
    assert.equal(actor_id, 'ops')
    for (const secret of [made.client_secret, added.client_secret]) {
      assert.ok(!all.includes(secret))
    }
  }
})
