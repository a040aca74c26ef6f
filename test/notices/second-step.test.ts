import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { givePassword } from '../flows/people.ts'
import { type Member, openMembers, pageOf } from '../second-factor/member.ts'
import type { Visitor } from '../support/http.ts'

const site = await openMembers({ after })
const { mail, sql } = site
const notice = 'The second step of a sign-in failed several times at Avouch'

const member = () => site.member(['email', 'phone', 'password', 'totp'])

/** A browser in which somebody has given the right password of a person. */
const behindThePassword = async ({ email }: Member): Promise<Visitor> => {
  const { person } = await site.arrive()
  assert.equal(pageOf(await givePassword(person, email!)), 'totp')
  return person
}

const fail = async (person: Visitor, method: string, times: number) => {
  for (let time = 0; time < times; time += 1) {
    const answer = method === 'password' ? { password: 'not it at all' } : { code: wrongCode }
    assert.equal((await person.submit(`verify/${method}`, answer)).status, 422)
  }
}
// Nothing that an authenticator app shows within this test but once in three hundred thousand times.
const wrongCode = '000000'

/** What the log has of it, once it has been followed until now. */
const noted = async ({ id }: Member): Promise<number> => {
  const other = await site.member(['email'])
  await sql(`insert into audit_events (event, user_id) values ('data.exported', $1)`, [other.id])
  assert.equal((await mail.notices(other.email!, 1)).length, 1)
  const of = `select 1 from audit_events where event = 'sign_in.second_step_failed' and user_id = $1`
  return (await sql(of, [id])).length
}

test('whoever’s second step fails behind the right password hears of it at every address', async () => {
  const mia = await member()
  const person = await behindThePassword(mia)
  await fail(person, 'totp', 4)
  assert.equal(await noted(mia), 0)
  // In another sign-in, since whoever tries may begin anew each time.
  await fail(await behindThePassword(mia), 'totp', 1)
  const [mailed] = await mail.notices(mia.email!, 1)
  assert.equal(mailed?.subject, notice)
  assert.equal(mailed.link, `${site.server.baseUrl}/account/activity`)
  const [texted] = await mail.notices(mia.phone!, 1)
  assert.equal(texted?.text.startsWith(`${notice}. Not you?`), true, texted?.text)
})

test('once a day, however often somebody tries', async () => {
  const mia = await member()
  await fail(await behindThePassword(mia), 'totp', 5)
  await mail.notices(mia.email!, 1)
  await fail(await behindThePassword(mia), 'totp', 6)
  assert.equal(await noted(mia), 1)
})

test('what was tried the day before does not count', async () => {
  const mia = await member()
  await sql(
    `insert into audit_events (event, user_id, interaction_uid, result, at)
     select event, $1, 'yesterday', result, now() - interval '25 hours'
       from (values ('verification.succeeded', null), ('verification.failed', 'incorrect_code'),
              ('sign_in.second_step_failed', null)) as events (event, result)`,
    [mia.id],
  )
  const person = await behindThePassword(mia)
  await fail(person, 'totp', 4)
  assert.equal(await noted(mia), 1)
  await fail(person, 'totp', 1)
  assert.equal((await mail.notices(mia.email!, 1)).length, 1)
  assert.equal(await noted(mia), 2)
})

test('a stranger, who does not get past the first step, has nothing sent', async () => {
  const mia = await member()
  const { person } = await site.arrive()
  const page = await person.submit('identify', { identifier: mia.email! })
  if (!page.html.includes('current-password')) await person.submit('start/password')
  await fail(person, 'password', 8)
  assert.equal(await noted(mia), 0)
  assert.deepEqual(await mail.notices(mia.email!), [])
})
