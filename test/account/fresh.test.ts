import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { headingOf } from '../flows/site.ts'
import { addIdentifier, assertAt, connect, goodPassword, openAccounts } from './site.ts'

const accounts = await openAccounts({ after })
const pool = connect({ after }, accounts)

/** As if somebody had signed in so many seconds earlier. */
const age = async (email: string, seconds: number): Promise<void> => {
  const { rowCount } = await pool.query(
    `update oidc_sessions set payload = jsonb_set(payload::jsonb, '{loginTs}',
       to_jsonb((payload::jsonb ->> 'loginTs')::int - $2::int))::text
      where account_id = (select user_id from identifiers where value = $1)`,
    [email, seconds],
  )
  assert.ok(rowCount! > 0)
}

test('a sign-in that is six minutes old is asked for once more, before anything is typed', async () => {
  const person = await accounts.enter('frida@example.com')
  await age('frida@example.com', 360)
  assertAt(await person.open('/account/methods'), '/account/methods')
  for (const page of ['profile', 'emails/new', 'password', 'two-step/totp', 'data', 'delete']) {
    const visit = await person.copy().open(`/account/${page}`)
    assert.match(visit.url, /\/interaction\//, page)
    assert.equal(headingOf(visit), 'Check your email', page)
  }
})

test('whoever proves it once more is back at the form, with what they had typed', async () => {
  const email = 'greta@example.com'
  const person = await accounts.enter(email, '/account/profile')
  await age(email, 360)
  const before = new Date()
  const asked = await person.submit('profile', { name: 'Greta Garbo', locale: 'en' })
  assert.equal(headingOf(asked), 'Check your email')
  const code = await accounts.mail.codeFor(email, before)
  assertAt(await person.submit('verify/email-code', { code }), '/account/profile')
  assert.match(person.here().html, /value="Greta Garbo"/)
  assert.doesNotMatch((await person.copy().open('/account')).text, /Greta/, 'not changed yet')
  assertAt(await person.submit('profile'), '/account/profile', /saved/)
  assert.match((await person.open('/account')).text, /Greta Garbo/)
})

test('a password that was typed too late is not kept', async () => {
  const email = 'hanna@example.com'
  const person = await accounts.enter(email, '/account/password')
  await age(email, 360)
  const before = new Date()
  await person.submit('password', { new_password: goodPassword })
  const code = await accounts.mail.codeFor(email, before)
  assertAt(await person.submit('verify/email-code', { code }), '/account/password')
  assert.ok(!person.here().html.includes(goodPassword))
  const { rows } = await pool.query(
    `select 1 from passwords where user_id = (select user_id from identifiers where value = $1)`,
    [email],
  )
  assert.equal(rows.length, 0)
})

test('whoever can prove two kinds of factor has to, however fresh one of them is', async () => {
  const person = await accounts.enter('ida@example.com')
  await addIdentifier(accounts, person, '+12015550161')
  await person.open('/account/password')
  await person.submit('password', { new_password: goodPassword })
  // Another browser, by email alone: enough to look, and to change nothing.
  const other = await accounts.comeBack('ida@example.com')
  assertAt(other.here(), '/account')
  const asked = await other.open('/account/password')
  assert.match(asked.url, /\/interaction\//)
  // A form of a page that was opened before is no way around it.
  const posted = await other.post('/account/password', { new_password: 'another good long one' })
  assert.match(posted.url, /\/interaction\//)
  const removed = await other.post('/account/password/remove', {})
  assert.match(removed.url, /\/interaction\//)
  assert.match((await person.open('/account/methods')).text, /Set on/)
})
