import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ClientInput, clientSchema } from '#config/client-schema.ts'
import { checkSecret, clientStore, hashSecret, hasOrigin, newClient } from '#src/clients/index.ts'
import type { Db } from '#src/db/contract.ts'
import { testOnBoth } from '../support/database.ts'

const secret = 'b7f3c1d9e5a2486b8d0f6c4e2a1b3d5f'
const shop: ClientInput = { client_id: 'shop', redirect_uris: ['https://shop.example/callback'] }
const declare = (...clients: ClientInput[]) => clients.map((client) => clientSchema.parse(client))

const counting = (db: Db) => {
  const counted = { asked: 0 }
  const over: Db = {
    query: (...query) => {
      counted.asked++
      return db.query(...query)
    },
    transaction: (work) => db.transaction(work),
  }
  return { over, counted }
}

testOnBoth('a declared client is found with everything that was said of it', async (_t, db) => {
  const store = clientStore({ db })
  await db.transaction((tx) =>
    store.applyFile(tx, declare({ ...shop, client_secret: secret, first_party: true })),
  )
  const client = await store.find('shop')
  assert.ok(client)
  const { secrets, ...rest } = client
  assert.ok(checkSecret(secrets, secret, new Date(8.64e15)), 'it has no end')
  assert.equal(secrets.length, 1)
  assert.deepEqual(rest, {
    client_id: 'shop',
    client_name: 'shop',
    redirect_uris: ['https://shop.example/callback'],
    post_logout_redirect_uris: [],
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'client_secret_basic',
    application_type: 'web',
    id_token_signed_response_alg: 'RS256',
    jwks: null,
    jwks_uri: null,
    logo_uri: null,
    client_uri: null,
    policy_uri: null,
    tos_uri: null,
    initiate_login_uri: null,
    backchannel_logout_uri: null,
    backchannel_logout_session_required: false,
    require_pushed_authorization_requests: false,
    dpop_bound_access_tokens: false,
    first_party: true,
    require_pkce: true,
    require_authenticator: false,
    second_factor: null,
    link_mode: null,
    api_scopes: [],
    branding: null,
    managed_by_file: true,
  })
})

testOnBoth('a copy of the database holds no client secret', async (_t, db) => {
  const store = clientStore({ db })
  await store.applyFile(db, declare({ ...shop, client_secret: secret }))
  const rows = await db.query('test.clients', 'select * from clients')
  assert.ok(!JSON.stringify(rows).includes(secret))
  assert.ok(JSON.stringify(rows).includes('shop.example'))
})

testOnBoth('a client that the file no longer names stays, and is released', async (_t, db) => {
  const store = clientStore({ db })
  await store.applyFile(db, declare(shop, { ...shop, client_id: 'blog' }))
  await store.applyFile(db, declare({ ...shop, client_name: 'The shop' }))
  assert.equal((await store.find('shop'))?.client_name, 'The shop')
  assert.equal((await store.find('shop'))?.managed_by_file, true)
  assert.equal((await store.find('blog'))?.managed_by_file, false)
})

testOnBoth('applying the same file again touches nothing', async (_t, db) => {
  const store = clientStore({ db })
  const touched = () =>
    db.query<{ updated_at: Date }>('test.touched', 'select updated_at from clients')
  await store.applyFile(db, declare({ ...shop, client_secret: secret }))
  const before = await touched()
  await store.applyFile(db, declare({ ...shop, client_secret: secret }))
  assert.deepEqual(await touched(), before)
})

testOnBoth('clients are asked for once in a while, unknown ones too', async (_t, db) => {
  let clock = 0
  const { over, counted } = counting(db)
  const store = clientStore({ db: over, now: () => clock })
  await store.upsert(db, newClient(shop))

  const many = await Promise.all(Array.from({ length: 100 }, () => store.find('shop')))
  await Promise.all(Array.from({ length: 100 }, () => store.find('nobody')))
  assert.equal(new Set(many).size, 1)
  assert.equal(counted.asked, 2)

  clock = 5001
  assert.equal(await store.find('shop'), many[0], 'unchanged, so the same object')
  assert.equal(counted.asked, 3)
})

testOnBoth('another process sees a change after the cache has run out', async (_t, db) => {
  let clock = 0
  const store = clientStore({ db, now: () => clock })
  const elsewhere = clientStore({ db })
  assert.equal(await store.find('shop'), null)
  await elsewhere.upsert(db, newClient(shop))
  assert.equal(await store.find('shop'), null)
  clock = 5001
  const first = await store.find('shop')
  assert.equal(first?.client_name, 'shop')
  await elsewhere.upsert(db, newClient({ ...shop, client_name: 'The shop' }))
  clock = 10_002
  assert.equal((await store.find('shop'))?.client_name, 'The shop')
})

testOnBoth('ids that nobody can have are not looked up', async (_t, db) => {
  const { over, counted } = counting(db)
  const store = clientStore({ db: over })
  for (const id of ['', 'a\0b', 'a\nb', 'x'.repeat(256), 'é', '\ud800', 'a\u007f']) {
    assert.equal(await store.find(id), null)
  }
  assert.equal(counted.asked, 0)
  for (const id of ['__proto__', 'constructor', "' or 1=1 --", 'x'.repeat(255)]) {
    assert.equal(await store.find(id), null)
  }
})

testOnBoth('a flood of unknown ids does not push out a client that is in use', async (_t, db) => {
  let asked: unknown[] = []
  const over: Db = {
    query: (name, text, values = []) => {
      asked.push(values[0])
      return values[0] === 'shop' ? db.query(name, text, values) : Promise.resolve([])
    },
    transaction: (work) => db.transaction(work),
  }
  const store = clientStore({ db: over, cacheSeconds: 3600 })
  await store.upsert(db, newClient(shop))
  const client = await store.find('shop')
  for (let number = 0; number < 5000; number++) {
    await store.find(`unknown-${number}`)
    if (number % 500 === 0) assert.equal(await store.find('shop'), client)
  }
  assert.equal(asked.filter((id) => id === 'shop').length, 1)
  asked = []
  await store.find('unknown-0')
  assert.deepEqual(asked, ['unknown-0'], 'what was asked for long ago is forgotten')
})

testOnBoth('a failed look-up is not remembered', async (_t, db) => {
  let gone = true
  const flaky: Db = {
    query: (...query) => (gone ? Promise.reject(new Error('gone')) : db.query(...query)),
    transaction: (work) => db.transaction(work),
  }
  const store = clientStore({ db: flaky })
  await assert.rejects(store.find('shop'), /gone/)
  gone = false
  assert.equal(await store.find('shop'), null)
})

test('any of the live secrets opens, and nothing else does', () => {
  const now = new Date('2026-11-22T09:00:00Z')
  const kept = (hash: string, expires_at: string | null = null) => ({ hash, expires_at })
  const secrets = [
    kept(hashSecret('new-secret')),
    kept(hashSecret('old-secret'), '2026-11-22T09:00:01.000Z'),
    kept(hashSecret('older-secret'), '2026-11-22T09:00:00.000Z'),
  ]
  assert.ok(checkSecret(secrets, 'new-secret', now))
  assert.ok(checkSecret(secrets, 'old-secret', now))
  for (const wrong of ['', 'older-secret', 'new-secret ', 'NEW-SECRET', secrets[0]!.hash]) {
    assert.equal(checkSecret(secrets, wrong, now), false, wrong)
  }
  assert.equal(checkSecret(secrets, 'old-secret', new Date('2026-11-22T09:00:01Z')), false)
  assert.equal(checkSecret([], '', now), false)
  assert.equal(checkSecret([kept('sha256:'), kept('plain')], 'plain', now), false)
})

test('scripts may speak for a public client from where it gets its answers', () => {
  const app = newClient({
    client_id: 'spa',
    redirect_uris: ['https://app.example:8443/cb', 'http://localhost:5173/cb'],
  })
  assert.ok(hasOrigin(app, 'https://app.example:8443'))
  assert.ok(hasOrigin(app, 'http://localhost:5173'))
  for (const other of [
    'https://app.example',
    'http://app.example:8443',
    'https://evil.example',
    'null',
    '',
    '*',
  ]) {
    assert.equal(hasOrigin(app, other), false, other)
  }
  const native = newClient({ client_id: 'app', redirect_uris: ['com.example.app:/cb'] })
  assert.equal(hasOrigin(native, 'null'), false)
  const server = newClient({ ...shop, client_secret: secret })
  assert.equal(hasOrigin(server, 'https://shop.example'), false)
})

test('a client that could not work is refused before it is stored', () => {
  assert.throws(() => newClient({ client_id: 'shop' }), /redirect_uris/)
  assert.throws(() => newClient({ ...shop, client_secret: 'two words' }), /spaces/)
})
