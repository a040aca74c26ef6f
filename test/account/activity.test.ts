import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, test } from 'node:test'
import { canBeDisputed, shownEvents } from '#src/account/activity/events.ts'
import { assertAt, connect, follow, openAccounts } from './site.ts'

const accounts = await openAccounts({ after })
const pool = connect({ after }, accounts)

/** Steps of a sign-in, messages and tokens; nothing that changes an account. */
const ofTheMachinery =
  /^(sign_in\.started|message\.|link\.|verification\.succeeded|consent\.refused|token\.|webhook\.)/

/** Every event that the documentation has a row for. */
const documented = async (): Promise<string[]> => {
  const text = await readFile(new URL('../../docs/events.md', import.meta.url), 'utf8')
  const cells = text.split('\n').flatMap((line) => /^\| (`[^|]+) \|/.exec(line)?.[1] ?? [])
  return cells.flatMap((cell) => {
    const [first = '', ...more] = [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!)
    const kind = first.slice(0, first.indexOf('.'))
    return [first, ...more.map((name) => (name.startsWith('.') ? kind + name : name))]
  })
}

const idOf = async (email: string): Promise<string> => {
  const { rows } = await pool.query('select user_id from identifiers where value = $1', [email])
  return rows[0].user_id
}

/** What happened, as a feature notes it. */
const note = (userId: string, event: string, more: Record<string, string> = {}) =>
  pool.query(
    `insert into audit_events (event, user_id, method, detail, address, actor_kind, actor_id)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [event, userId, ...['method', 'detail', 'address', 'kind', 'actor'].map((key) => more[key])],
  )

test('a person reads all of the log that is about the safety of their account', async () => {
  const all = await documented()
  assert.ok(all.length > 40 && all.includes('factor_reset.denied'))
  const missing = all.filter(
    (event) => !ofTheMachinery.test(event) && !shownEvents.some((each) => each === event),
  )
  assert.deepEqual(missing, [])
})

test('each of it has words in every language', async () => {
  const email = 'anna@example.com'
  const person = await accounts.enter(email)
  const id = await idOf(email)
  for (const event of shownEvents) await note(id, event)
  for (const lang of ['en', 'de', 'ar']) {
    await pool.query('update users set locale = $2 where id = $1', [id, lang])
    for (let path: string | undefined = '/account/activity'; path; ) {
      const page = await person.open(path)
      assertAt(page, '/account/activity')
      assert.ok(page.html.includes(`<html lang="${lang}"`))
      for (const event of shownEvents) assert.ok(!page.text.includes(event), event)
      path = /href="([^"]+)" rel="next"/.exec(page.html)?.[1]
    }
  }
})

test('a person reads which passkey it was, and not from where an admin works', async () => {
  const email = 'bea@example.com'
  const person = await accounts.enter(email)
  const id = await idOf(email)
  const detail = JSON.stringify({ name: 'Blue key' })
  await note(id, 'factor.removed', { method: 'passkey', detail, address: '192.0.2.7' })
  const admin = { address: '192.0.2.8', kind: 'person', actor: 'somebody' }
  await note(id, 'user.signed_out', admin)
  const { text } = await person.open('/account/activity')
  assert.match(text, /A way to verify you was removed .* Blue key · passkey · 192\.0\.2\.7/)
  assert.match(text, /An admin signed you out everywhere/)
  assert.doesNotMatch(text, /192\.0\.2\.8/)
  await person.open('/account/data')
  assert.doesNotMatch((await person.submit('data')).html, /192\.0\.2\.8/)
})

test('whoever has not asked for a reset of their second factors calls it off', async () => {
  const email = 'carla@example.com'
  const person = await accounts.enter(email)
  const id = await idOf(email)
  await pool.query(
    `insert into factor_resets (id, user_id, state, due_at) values ('r', $1, 'approved', now() + interval '1 day')`,
    [id],
  )
  await note(id, 'factor_reset.approved')
  await person.open('/account/activity')
  await follow(person, /activity\/\d+\/not-me/)
  assert.match(person.here().text, /Stop the reset\?.*We call the reset off/)
  assertAt(await person.submit('not-me'), '/account/secure')
  const { rows } = await pool.query('select state from factor_resets where user_id = $1', [id])
  assert.deepEqual(rows, [{ state: 'cancelled' }])
  assert.match((await person.open('/account/activity')).text, /reset .* was called off/)
})

test('only what may have done harm can be said to be somebody else’s doing', () => {
  for (const event of ['sign_in.completed', 'factor_reset.requested', 'factor.cloned']) {
    assert.equal(canBeDisputed(event), true, event)
  }
  for (const event of ['sign_out', 'factor_reset.denied', 'user.changed', 'admin.changed']) {
    assert.equal(canBeDisputed(event), false, event)
  }
})
