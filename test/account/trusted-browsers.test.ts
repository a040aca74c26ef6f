import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type pg from 'pg'
import { addIdentifier, assertAt, connect, follow, openAccounts } from './site.ts'

const accounts = await openAccounts(
  { after },
  { config: { sign_in_experience: { identifiers: ['email', 'phone', 'username'] } } },
)
const pool = connect({ after }, accounts)

/** As if this person had asked for it in a sign-in with a second factor. */
const trust = (database: pg.Pool, email: string, id: string) =>
  database.query(
    `insert into trusted_browsers (id, user_id, browser, token, agent, expires_at)
     select $2, user_id, $3, $3, $4, now() + interval '90 days' from identifiers where value = $1`,
    [email, id, Buffer.from(id), 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0'],
  )

test('a person sees which browsers they trust, and trusts one no more', async () => {
  const email = 'anna@example.com'
  const person = await accounts.enter(email)
  assert.match(person.here().text, /Trusted browsers Where no second step is asked for 0/)
  await trust(pool, email, 'one')
  assert.match((await person.open('/account')).text, /Where no second step is asked for 1/)
  await follow(person, /\/account\/trusted-browsers$/)
  assertAt(person.here(), '/account/trusted-browsers', /Firefox, Linux/)
  await follow(person, /trusted-browsers\/one\/remove$/)
  const left = await person.submit('remove')
  assertAt(left, '/account/trusted-browsers', /You trust no browser/)
  const { rows } = await pool.query(
    `select target from audit_events where event = 'trusted_browser.removed'`,
  )
  assert.deepEqual(rows, [{ target: 'one' }])
})

test('nobody takes trust from the browser of somebody else', async () => {
  const [one, other] = ['bea@example.com', 'carl@example.com']
  const person = await accounts.enter(one)
  await accounts.enter(other)
  await trust(pool, other, 'theirs')
  assert.doesNotMatch((await person.open('/account/trusted-browsers')).text, /Firefox/)
  const path = '/account/trusted-browsers/theirs/remove'
  assert.equal((await person.open(path)).status, 404)
  assert.equal((await person.post(path, {})).status, 404)
  const { rowCount } = await pool.query(`select 1 from trusted_browsers where id = 'theirs'`)
  assert.equal(rowCount, 1)
})

test('where no browser may be trusted, the first page does not speak of it', async (t) => {
  const strict = await openAccounts(t, { config: { session: { trusted_device_days: -1 } } })
  const email = 'dora@example.com'
  const person = await strict.enter(email)
  await trust(connect(t, strict), email, 'old')
  assert.doesNotMatch((await person.open('/account')).text, /Trusted browsers/)
  assert.doesNotMatch((await person.open('/account/trusted-browsers')).text, /Firefox/)
})

test('a browser is trusted no more once its owner has an address, a number or a name more', async () => {
  const email = 'emil@example.com'
  const person = await accounts.enter(email)
  const isTrusted = async () =>
    (await pool.query(`select 1 from trusted_browsers where id = 'emils'`)).rowCount === 1
  for (const more of ['emil@work.example', '+12015550190']) {
    await trust(pool, email, 'emils')
    await addIdentifier(accounts, person, more)
    assertAt(person.here(), '/account/methods', /It is added/)
    assert.equal(await isTrusted(), false, more)
  }
  await trust(pool, email, 'emils')
  await person.open('/account/username')
  await person.submit('username', { username: 'emil' })
  assertAt(person.here(), '/account/methods', /username is saved/)
  assert.equal(await isTrusted(), false, 'a username')
})
