import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Visitor } from '../support/http.ts'
import { addIdentifier, assertAt, connect, follow, goodPassword, openAccounts } from './site.ts'

const accounts = await openAccounts({ after })
const pool = connect({ after }, accounts)

const identifiersOf = async (email: string): Promise<string[]> => {
  const { rows } = await pool.query<{ value: string }>(
    `select value from identifiers where verified_at is not null and user_id in (
       select user_id from identifiers where value = $1) order by value`,
    [email],
  )
  return rows.map(({ value }) => value)
}

/** The page that asks whether an identifier is to be removed. */
const removal = async (person: Visitor, which: string): Promise<Visitor> => {
  const copy = person.copy()
  await copy.open('/account/methods')
  const around = copy.here().html.split(which).slice(1).join(which)
  const path = /\/account\/identifiers\/[\w-]+\/remove/.exec(around)?.[0]
  assert.ok(path, which)
  await copy.open(path)
  return copy
}

test('the last way to sign in is never removed', async () => {
  const email = 'lena@example.com'
  const person = await accounts.enter(email, '/account/methods')
  await follow(person, /identifiers\/[\w-]+\/remove/)
  const refused = await person.submit('remove')
  assert.equal(refused.status, 409)
  assert.match(refused.text, /You could not sign in any more without it\. Add another way/)
  assert.deepEqual(await identifiersOf(email), [email])

  await addIdentifier(accounts, person, 'lena@work.example')
  const first = await removal(person, email)
  assertAt(await first.submit('remove'), '/account/methods', /It is removed/)
  assert.deepEqual(await identifiersOf('lena@work.example'), ['lena@work.example'])
})

test('of two tabs that each remove one of two ways, one is told to stop', async () => {
  for (let turn = 0; turn < 5; turn += 1) {
    const [one, two] = [`two-${turn}-a@example.com`, `two-${turn}-b@example.com`] as const
    const person = await accounts.enter(one)
    await addIdentifier(accounts, person, two)
    const tabs = [await removal(person, one), await removal(person, two)]
    const answers = await Promise.all(tabs.map((tab) => tab.submit('remove')))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409])
    const left = [...(await identifiersOf(one)), ...(await identifiersOf(two))]
    assert.equal(left.length, 1)
  }
})

test('a password stays where it is the only way in, and an address where the password needs it', async (t) => {
  const named = await openAccounts(t, {
    config: { sign_in_experience: { identifiers: ['email'], methods: ['email-code', 'password'] } },
  })
  const person = await named.enter('mara@example.com', '/account/password')
  await person.submit('password', { new_password: goodPassword })
  await follow(person, /identifiers\/[\w-]+\/remove/)
  assert.equal((await person.submit('remove')).status, 409)
  await person.open('/account/password/remove')
  assertAt(await person.submit('remove'), '/account/methods', /removed/)
})

test('of two accounts that prove one address, the first has it, and the second is told', async () => {
  const people = [
    await accounts.enter('first@example.com', '/account/emails/new'),
    await accounts.enter('second@example.com', '/account/emails/new'),
  ]
  const shared = 'shared@example.com'
  const codes: string[] = []
  for (const person of people) {
    const before = new Date()
    await person.submit('new', { identifier: shared })
    codes.push(await accounts.mail.codeFor(shared, before))
  }
  const answers = await Promise.all(
    people.map((person, at) => person.submit('verify', { code: codes[at]! })),
  )
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 422])
  const loser = answers.find(({ status }) => status === 422)!
  assert.match(loser.text, /This belongs to another account/)
  const { rows } = await pool.query(
    'select 1 from identifiers where value = $1 and verified_at is not null',
    [shared],
  )
  assert.equal(rows.length, 1)
})

test('a code adds an address once, and only in the session that asked for it', async () => {
  const person = await accounts.enter('nora@example.com', '/account/emails/new')
  const other = await accounts.comeBack('nora@example.com', '/account/emails/new')
  const before = new Date()
  await person.submit('new', { identifier: 'nora@work.example' })
  const code = await accounts.mail.codeFor('nora@work.example', before)
  await other.submit('new', { identifier: 'nora@other.example' })
  assert.equal((await other.submit('verify', { code })).status, 422)
  const tabs = Array.from({ length: 10 }, () => person.copy())
  const answers = await Promise.all(tabs.map((tab) => tab.submit('verify', { code })))
  const added = answers.filter(({ url }) => url.endsWith('/account/methods?done=added'))
  assert.equal(added.length, 1)
  assert.deepEqual(await identifiersOf('nora@example.com'), [
    'nora@example.com',
    'nora@work.example',
  ])
})
