import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientSchema } from '#config/client-schema.ts'
import {
  addSecret,
  checkSecret,
  clientStore,
  createClient,
  deleteClient,
  listClients,
  readClient,
  removeSecret,
  updateClient,
} from '#src/clients/index.ts'
import { Problem } from '#src/lib/problem.ts'
import { down, up } from '../../migrations/20261122091000_client_secrets.ts'
import { testOnBoth, withDatabase } from '../support/database.ts'

const shop = { client_name: 'Shop', redirect_uris: ['https://shop.example/callback'] }
const file = (id: string) =>
  clientSchema.parse({ ...shop, client_id: id, client_secret: 'a-secret-of-the-file' })

/** Paths of the faults that `work` is refused with. */
const faultsOf = async (work: Promise<unknown>): Promise<string[]> => {
  try {
    await work
  } catch (error) {
    assert.ok(error instanceof Problem, String(error))
    assert.equal(error.code, 'invalid_input')
    return error.errors.map(({ path, message }) => `${path}: ${message}`)
  }
  return []
}

testOnBoth('a client is made with an id and a secret, and is found at once', async (_t, db) => {
  const { client, secret, version } = await createClient(db, shop)
  assert.match(client.client_id, /^[\w-]{36}$/)
  assert.equal(version, 1)
  assert.equal(client.token_endpoint_auth_method, 'client_secret_basic')
  const found = await clientStore({ db }).find(client.client_id)
  assert.deepEqual(found, client)
  assert.ok(checkSecret(found!.secrets, secret!, new Date()))
  assert.equal(JSON.stringify(await readClient(db, client.client_id)).includes(secret!), false)
})

testOnBoth('a client without use for a secret gets none', async (_t, db) => {
  const page = await createClient(db, { ...shop, token_endpoint_auth_method: 'none' })
  assert.deepEqual([page.secret, page.client.secrets], [null, []])
  const keys = { keys: [{ kty: 'EC', crv: 'P-256', x: 'a', y: 'b' }] }
  const signer = await createClient(db, { ...shop, jwks: keys })
  assert.equal(signer.client.token_endpoint_auth_method, 'private_key_jwt')
  assert.equal(signer.secret, null)
})

testOnBoth('a client that could not work is refused with words for each fault', async (_t, db) => {
  assert.deepEqual(await faultsOf(createClient(db, {})), [
    'redirect_uris: is missing; people are sent back to one of them',
  ])
  assert.match(
    (await faultsOf(createClient(db, { redirect_uris: ['https://*.shop.example/cb'] }))).join(),
    /^redirect_uris\[0\]: may hold no wildcard/,
  )
  for (const client_id of ['avouch-console', 'management', '..', 'two words']) {
    assert.equal((await faultsOf(createClient(db, { ...shop, client_id }))).length, 1, client_id)
  }
  assert.deepEqual(await listClients(db, { limit: 10 }), [])
})

testOnBoth('an id belongs to one client', async (_t, db) => {
  await createClient(db, { ...shop, client_id: 'shop' })
  await assert.rejects(createClient(db, { ...shop, client_id: 'shop' }), {
    code: 'already_exists',
  })
})

testOnBoth('what is not named stays, and null takes back to the default', async (_t, db) => {
  const { client } = await createClient(db, {
    ...shop,
    client_id: 'shop',
    logo_uri: 'https://shop.example/logo.png',
    branding: { color: '#112233' },
    first_party: true,
  })
  const renamed = await updateClient(db, 'shop', { client_name: 'The shop' })
  assert.deepEqual(renamed.client, { ...client, client_name: 'The shop' })
  assert.equal(renamed.version, 2)
  const plain = await updateClient(db, 'shop', {
    client_name: null,
    logo_uri: null,
    branding: null,
    first_party: null,
  })
  const { client_name, logo_uri, branding, first_party, secrets } = plain.client
  assert.deepEqual([client_name, logo_uri, branding, first_party], ['shop', null, null, false])
  assert.deepEqual(secrets, client.secrets)
})

testOnBoth('what is read can be sent back as it is', async (_t, db) => {
  await createClient(db, { ...shop, client_id: 'shop', branding: { color: '#112233' } })
  const { client } = await readClient(db, 'shop')
  const { client_id: _, secrets: __, managed_by_file: ___, ...metadata } = client
  const again = await updateClient(db, 'shop', metadata as never)
  assert.deepEqual(again.client, client)
})

testOnBoth('a change is checked together with what stays', async (_t, db) => {
  await createClient(db, { ...shop, client_id: 'shop' })
  const faults = await faultsOf(
    updateClient(db, 'shop', {
      token_endpoint_auth_method: 'none',
      grant_types: ['client_credentials'],
      require_pkce: false,
    }),
  )
  assert.deepEqual(
    faults.map((fault) => fault.split(':')[0]),
    ['grant_types', 'require_pkce'],
  )
  assert.equal((await readClient(db, 'shop')).version, 1)
})

testOnBoth('secrets come and go with the way a client proves itself', async (_t, db) => {
  await createClient(db, { ...shop, client_id: 'shop' })
  const open = await updateClient(db, 'shop', { token_endpoint_auth_method: 'none' })
  assert.deepEqual([open.secret, open.client.secrets], [null, []])
  const closed = await updateClient(db, 'shop', {
    token_endpoint_auth_method: 'client_secret_post',
  })
  assert.ok(checkSecret(closed.client.secrets, closed.secret!, new Date()))
})

testOnBoth('of two changes to one version, the second is told', async (_t, db) => {
  await createClient(db, { ...shop, client_id: 'shop' })
  const change = (client_name: string) =>
    db.transaction((tx) => updateClient(tx, 'shop', { client_name }, { version: 1 }))
  const both = await Promise.allSettled([change('One'), change('Two')])
  assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  const { reason } = both.find(({ status }) => status === 'rejected') as PromiseRejectedResult
  assert.equal(reason.code, 'version_changed')
})

testOnBoth('changes to different fields at the same moment are both kept', async (_t, db) => {
  await createClient(db, { ...shop, client_id: 'shop' })
  await Promise.all([
    db.transaction((tx) => updateClient(tx, 'shop', { client_name: 'One' })),
    db.transaction((tx) => updateClient(tx, 'shop', { first_party: true })),
    db.transaction((tx) => addSecret(tx, 'shop', {})),
  ])
  const { client, version } = await readClient(db, 'shop')
  assert.equal(version, 4)
  assert.deepEqual([client.client_name, client.first_party], ['One', true])
  assert.equal(client.secrets.length, 2)
})

testOnBoth('two secrets work until the older one ends', async (_t, db) => {
  const now = new Date('2026-11-22T09:00:00Z')
  const later = new Date('2026-11-23T09:00:00Z')
  const { secret: first } = await createClient(db, { ...shop, client_id: 'shop' }, { now })
  const { value: second } = await addSecret(
    db,
    'shop',
    { label: 'New', othersExpireAt: later },
    { now },
  )
  const { client } = await readClient(db, 'shop')
  const works = (value: string, at: Date) => checkSecret(client.secrets, value, at)
  assert.deepEqual([works(first!, now), works(second, now)], [true, true])
  assert.deepEqual([works(first!, later), works(second, later)], [false, true])

  const third = await addSecret(db, 'shop', {}, { now: later })
  assert.equal(third.stored.client.secrets.length, 2, 'what has ended makes room')
})

testOnBoth('ends of secrets lie ahead, and there are at most ten at a time', async (_t, db) => {
  const now = new Date('2026-11-22T09:00:00Z')
  await createClient(db, { ...shop, client_id: 'shop' }, { now })
  const add = (input: Parameters<typeof addSecret>[2]) => addSecret(db, 'shop', input, { now })
  assert.match((await faultsOf(add({ expiresAt: now }))).join(), /^expires_at: /)
  assert.match((await faultsOf(add({ othersExpireAt: now }))).join(), /^others_expire_at: /)
  for (let count = 1; count < 10; count++) await add({})
  assert.match((await faultsOf(add({}))).join(), /^secrets: are 10 already/)
})

testOnBoth('the last secret that works stays', async (_t, db) => {
  const now = new Date('2026-11-22T09:00:00Z')
  const later = new Date('2026-11-23T09:00:00Z')
  const { client } = await createClient(db, { ...shop, client_id: 'shop' }, { now })
  const first = client.secrets[0]!.id
  await assert.rejects(removeSecret(db, 'shop', first, { now }), { code: 'last_secret' })
  const { secret } = await addSecret(db, 'shop', { expiresAt: later }, { now })
  await assert.rejects(removeSecret(db, 'shop', 'nothing', { now }), { code: 'not_found' })
  await assert.rejects(removeSecret(db, 'shop', first, { now: later }), { code: 'last_secret' })
  await removeSecret(db, 'shop', secret.id, { now: later })
  await assert.rejects(removeSecret(db, 'shop', first, { now }), { code: 'last_secret' })
})

testOnBoth('of two secrets that are removed at once, one stays', async (_t, db) => {
  const { client } = await createClient(db, { ...shop, client_id: 'shop' })
  const { secret } = await addSecret(db, 'shop', {})
  const both = await Promise.allSettled(
    [client.secrets[0]!.id, secret.id].map((id) =>
      db.transaction((tx) => removeSecret(tx, 'shop', id)),
    ),
  )
  assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  assert.equal((await readClient(db, 'shop')).client.secrets.length, 1)
})

testOnBoth('what the configuration file holds is changed there alone', async (_t, db) => {
  const store = clientStore({ db })
  await store.applyFile(db, [file('shop')])
  const held = { code: 'managed_by_file' }
  await assert.rejects(updateClient(db, 'shop', { client_name: 'Mine' }), held)
  await assert.rejects(deleteClient(db, 'shop'), held)
  await assert.rejects(addSecret(db, 'shop', {}), held)
  await assert.rejects(removeSecret(db, 'shop', 'declared'), held)
  await store.applyFile(db, [])
  const { value } = await addSecret(db, 'shop', {})
  const { secrets } = (await removeSecret(db, 'shop', 'declared')).client
  assert.ok(checkSecret(secrets, value, new Date()))
  await deleteClient(db, 'shop')
  await assert.rejects(readClient(db, 'shop'), { code: 'not_found' })
})

testOnBoth('a list has each client once, however it is cut into pages', async (_t, db) => {
  // The file's clients share one moment.
  await db.transaction((tx) =>
    clientStore({ db }).applyFile(tx, ['a', 'b', 'c', 'd', 'e'].map(file)),
  )
  for (const client_id of ['f', 'g']) await createClient(db, { ...shop, client_id })
  for (const limit of [1, 2, 3, 7]) {
    const seen: string[] = []
    let after: [number, string] | null = null
    for (;;) {
      const rows = await listClients(db, { limit, after })
      if (rows.length === 0) break
      seen.push(...rows.map(({ client }) => client.client_id))
      const last = rows.at(-1)!
      after = [last.createdUs, last.client.client_id]
    }
    assert.deepEqual(seen, ['g', 'f', 'e', 'd', 'c', 'b', 'a'], `${limit} at a time`)
  }
})

testOnBoth('a search finds parts of names and ids, and takes them as they are', async (_t, db) => {
  await createClient(db, { ...shop, client_id: 'shop-1', client_name: 'Grüezi Laden' })
  await createClient(db, { ...shop, client_id: 'blog', client_name: '100 %' })
  const find = async (search: string) =>
    (await listClients(db, { search, limit: 10 })).map(({ client }) => client.client_id)
  assert.deepEqual(await find('SHOP'), ['shop-1'])
  assert.deepEqual(await find('laden'), ['shop-1'])
  assert.deepEqual(await find('%'), ['blog'])
  assert.deepEqual(await find('_'), [])
  assert.deepEqual(await find(''), ['blog', 'shop-1'])
})

testOnBoth('a guard sees a client as it was and as it would be', async (_t, db) => {
  const seen: string[] = []
  const options = {
    guard: ({ client_name }: { client_name: string }) => void seen.push(client_name),
  }
  await createClient(db, { ...shop, client_id: 'shop' }, options)
  await updateClient(db, 'shop', { client_name: 'Other' }, options)
  await addSecret(db, 'shop', {}, options)
  assert.deepEqual(seen, ['Shop', 'Shop', 'Other', 'Other'])
})

test('secrets from before there were several still work', async (t) => {
  const db = await withDatabase(t)
  const store = clientStore({ db })
  await store.applyFile(db, [file('shop')])
  const before = await readClient(db, 'shop')
  await down(db.knex)
  const [row] = await db.knex('clients').select('secret_hashes')
  assert.deepEqual(row.secret_hashes, [before.client.secrets[0]!.hash])
  await up(db.knex)
  assert.deepEqual((await readClient(db, 'shop')).client, before.client)
})
