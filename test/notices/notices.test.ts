import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { answerCode, giveCode, goodPassword } from '../flows/people.ts'
import { openSite, tokensOf } from '../flows/site.ts'

const site = await openSite(
  { after },
  {
    sign_in_experience: {
      identifiers: ['email', 'phone'],
      methods: ['password', 'email-code', 'sms-code'],
      profile: ['password'],
      mfa: { after_password: 'off', after_passwordless: 'off' },
    },
  },
)
const { mail, sql } = site
const later = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** Somebody with a password, known by an address and a number. */
const register = async (email: string, phone: string) => {
  const arrival = await site.arrive({ prompt: 'create' })
  await giveCode(site, arrival.person, email)
  await arrival.person.submit('profile', { new_password: 'an older harbour light' })
  const { sub } = (await tokensOf(arrival)).claims()!
  await sql(
    `insert into identifiers (user_id, type, value, display, verified_at)
     values ($1, 'phone', $2, $2, now())`,
    [sub, phone],
  )
  return sub
}

/** What happened, as a feature notes it. */
const note = (event: string, userId: string, method: string | null = null) =>
  sql('insert into audit_events (event, user_id, method) values ($1, $2, $3)', [
    event,
    userId,
    method,
  ])

/** What was told besides, once a last note of ours has been. Messages are sent side by side. */
const settled = async (userId: string, email: string, count: number) => {
  await note('factor.added', userId, 'passkey')
  const told = await mail.notices(email, count + 1)
  const isOurs = ({ subject }: { subject: string | null }) =>
    subject === 'A passkey was added at Avouch'
  assert.equal(told.filter(isOurs).length, 1)
  return told.filter((each) => !isOurs(each))
}

test('whoever sets a new password after forgetting it hears of it at every address', async () => {
  const [email, phone] = ['anna@example.com', '+41791234501']
  const sub = await register(email, phone)
  assert.deepEqual(await settled(sub, email, 0), [], 'registration itself is no news')

  const { person } = await site.arrive()
  await person.submit('identify', { identifier: email })
  await person.open(/href="([^"]+\?mode=reset)"/.exec(person.here().html)![1]!)
  const before = new Date()
  await person.submit('identify')
  await answerCode(site, person, email, before)
  await person.submit('profile', { new_password: goodPassword })

  const [, told] = await mail.notices(email, 2)
  assert.equal(told?.subject, 'Your password was changed at Avouch')
  assert.equal(told.link, `${site.server.baseUrl}/account/activity`)
  assert.equal(told.code, null)
  const [, text] = await mail.notices(phone, 2)
  assert.equal(
    text?.text,
    `Your password was changed at Avouch. Not you? ${site.server.baseUrl}/account/activity`,
  )
})

test('an address that is taken away hears of it too, and of nothing afterwards', async () => {
  const [email, phone] = ['bert@example.com', '+41791234502']
  const sub = await register(email, phone)
  await sql('delete from identifiers where user_id = $1 and type = $2', [sub, 'phone'])
  await note('identifier.removed', sub)
  assert.deepEqual(
    (await mail.notices(phone, 1)).map(({ text }) => text.split('.')[0]),
    ['An address or number was removed at Avouch'],
  )
  assert.equal((await settled(sub, email, 1)).length, 1)
  await later(500)
  assert.equal((await mail.notices(phone)).length, 1)
})

test('a number that somebody else has by now hears nothing', async () => {
  const [email, phone] = ['carl@example.com', '+41791234503']
  const sub = await register(email, phone)
  await sql('delete from identifiers where user_id = $1 and type = $2', [sub, 'phone'])
  await register('other@example.com', phone)
  await note('identifier.removed', sub)
  assert.equal((await settled(sub, email, 1)).length, 1)
  await later(500)
  assert.deepEqual(await mail.notices(phone), [])
})

test('whoever is deleted hears of it, in the words of the server, since their own are gone', async () => {
  const [email, phone] = ['dora@example.com', '+41791234504']
  const sub = await register(email, phone)
  await sql('delete from users where id = $1', [sub])
  await note('user.deleted', sub)
  for (const address of [email, phone]) {
    const [told] = await mail.notices(address, 1)
    assert.match(told!.text, /^Your account was deleted at Avouch/)
  }
})

test('a person reads it in their language', async () => {
  const [email, phone] = ['emil@example.com', '+41791234505']
  const sub = await register(email, phone)
  await sql('update users set locale = $2 where id = $1', [sub, 'de'])
  await note('factor.cloned', sub)
  const [told] = await mail.notices(email, 1)
  assert.equal(told!.subject, 'Ein Passkey, vielleicht eine Kopie, wurde abgelehnt bei Avouch')
})

test('what happened twice at once, or long ago, is told once, or not at all', async () => {
  const [email, phone] = ['fred@example.com', '+41791234506']
  const sub = await register(email, phone)
  await sql(
    `insert into audit_events (event, user_id, method, at) values
       ('factor.added', $1, 'totp', now()), ('factor.added', $1, 'totp', now()),
       ('factor.removed', $1, 'passkey', now() - interval '2 days')`,
    [sub],
  )
  const told = await settled(sub, email, 1)
  assert.deepEqual(
    told.map(({ subject }) => subject),
    ['An authenticator app was added at Avouch'],
  )
})
