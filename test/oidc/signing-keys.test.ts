import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { createDatabase } from '../support/fresh-database.ts'
import { type Fetch, loopbackFetch } from '../support/loopback.ts'
import { relyingParty } from '../support/relying-party.ts'
import { roundRobin } from '../support/round-robin.ts'
import { startServer } from '../support/server.ts'
import { database, newMember, quick } from './provider.ts'

const offline = { scope: 'openid offline_access' }
const oldSecret = 'the-secret-of-last-year-the-secret-of-last-year'
const newSecret = 'the-secret-of-this-year-the-secret-of-this-year'

const readKeys = async (fetch: Fetch, issuer: string): Promise<JSONWebKeySet> => {
  const { keys } = (await (await fetch(`${issuer}/jwks`)).json()) as JSONWebKeySet
  return { keys: keys.sort((one, two) => one.alg!.localeCompare(two.alg!)) }
}

test('two processes that start at once on an empty database share keys, which lie there sealed', async (t) => {
  const shop = await relyingParty(t)
  const { url: databaseUrl, drop } = await createDatabase('empty')
  t.after(drop)
  const options = { databaseUrl, config: { ...quick, clients: [shop.registration] } }
  const [one, two] = await Promise.all([startServer(t, options), startServer(t, options)])
  const keys = await readKeys(two.fetch, two.issuer)
  assert.deepEqual(await readKeys(one.fetch, one.issuer), keys)
  const sql = database(t, { databaseUrl })
  const rows = await sql<{ private_jwk: Buffer }>('select private_jwk from signing_keys')
  assert.equal(rows.length, 2)
  for (const { private_jwk } of rows) {
    const text = private_jwk.toString('latin1')
    assert.doesNotMatch(text, /"kty"|"d"/)
    for (const key of keys.keys) assert.equal(text.includes((key.n ?? key.x)!), false)
  }

  await shop.discover(one)
  const tokens = await newMember(one).signIn(shop)
  assert.ok(await jwtVerify(tokens.id_token!, createLocalJWKSet(keys)))
})

/** Written with the old secret at first, with the new one at last. */
const shared = await createDatabase()
after(shared.drop)

test('with a newer secret in front everything that was given out goes on working', async (t) => {
  const databaseUrl = shared.url
  const shop = await relyingParty(t)
  const front = await roundRobin(t)
  const site = {
    baseUrl: front.origin,
    issuer: `${front.origin}/oidc`,
    fetch: loopbackFetch(front.origin),
  }
  const start = async (SECRET_KEYS: string) => {
    const config = { ...quick, clients: [shop.registration] }
    const options = { databaseUrl, config, baseUrl: site.baseUrl, env: { SECRET_KEYS } }
    const server = await startServer(t, options)
    front.forwardTo([server.address])
    return server
  }

  const first = await start(oldSecret)
  await shop.discover(site)
  const anna = newMember(site)
  const tokens = await anna.signIn(shop, offline)
  const keys = await readKeys(site.fetch, site.issuer)
  const ben = newMember(site)
  const waiting = await shop.authorize()
  await ben.browser.open(waiting.url)
  await ben.browser.submit('identify', { identifier: ben.phone })
  const pushed = await shop.push()
  await first.stop()

  const second = await start(`${newSecret},${oldSecret}`)
  assert.deepEqual(await readKeys(site.fetch, site.issuer), keys)
  assert.ok(await shop.refresh(tokens))
  assert.ok(await shop.userinfo(tokens))
  assert.equal((await anna.signIn(shop, { prompt: 'none' })).claims()!.sub, tokens.claims()!.sub)
  const visit = await anna.browser.open(pushed.url)
  assert.ok(visit.left, `a request that was pushed: ${visit.text}`)
  assert.ok(await shop.exchange(pushed, visit.left))
  const done = await ben.prove()
  assert.ok(done.left, `a sign-in that was under way: ${done.text}`)
  assert.ok(await shop.exchange(waiting, done.left))
  await second.stop()

  await start(newSecret)
  assert.deepEqual(await readKeys(site.fetch, site.issuer), keys)
  assert.ok(await shop.refresh(tokens))
})

test('a start with other SECRET_KEYS ends with exit code 1 and one line that says why', async (t) => {
  // What has failed to start does not end in good order either.
  const scope = {
    after: (clean: () => Promise<void> | void) =>
      t.after(() => Promise.resolve(clean()).catch(() => {})),
  }
  const options = { databaseUrl: shared.url, env: { SECRET_KEYS: oldSecret } }
  const failure = await startServer(scope, options).then(
    () => assert.fail('It has started'),
    (error: Error) => error.message,
  )
  const [how, ...lines] = failure.trim().split('\n')
  assert.match(how!, /\(1\)/)
  assert.equal(lines.length, 1, failure)
  assert.match(lines[0]!, /^SECRET_KEYS: /)
  assert.doesNotMatch(failure, /the-secret-of/)
})
