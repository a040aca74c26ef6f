import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { type Enrolled, goThrough, openMembers, pageOf } from '../second-factor/member.ts'
import { goOn } from './members.ts'
import { assertAt } from './site.ts'

const site = await openMembers(
  { after },
  { sign_in_experience: { mfa: { after_password: 'when_enrolled', roles: ['clerk', 'support'] } } },
  [{ clientId: 'lite', registration: { second_factor: 'off' } }],
)
const [, lite] = site.parties as [typeof site.shop, typeof site.shop]
const first = 'password'
const pages = ['', '/activity', '/sessions', '/trusted-browsers']

/** Somebody who is signed in at the application that never asks, by their password alone. */
const atLite = async (has: readonly Enrolled[]) => {
  const member = await site.member(has)
  const { person } = await site.arrive({}, { party: lite })
  assert.deepEqual(await goThrough(site, person, member, { first }), ['identify', 'password'])
  return { member, person }
}

test('a stolen password opens no account by way of an application that never asks for more', async () => {
  const { member, person } = await atLite(['email', 'password', 'totp'])
  for (const page of pages) {
    const visit = await person.copy().open(`/account${page}`)
    assert.equal(pageOf(visit), 'totp', `${page}: ${visit.url}`)
    assert.doesNotMatch(visit.text, /Mia/, page)
  }
  const script = await person.copy().post('/account/passkeys/options', {})
  assert.equal(script.status, 401)
  assert.match(
    (await person.copy().post('/account/sessions/end-others', {})).url,
    /\/interaction\//,
  )

  // Its owner shows the app, once, and is where they wanted to be.
  await person.open('/account/activity')
  assert.deepEqual(await goOn(site, person, member, first), ['totp'])
  assertAt(person.here(), '/account/activity')
  for (const page of pages) assertAt(await person.open(`/account${page}`), `/account${page}`)
})

test('whoever has nothing more to show looks at their account with the password alone', async () => {
  const { person } = await atLite(['email', 'password'])
  for (const page of pages) assertAt(await person.open(`/account${page}`), `/account${page}`)
})

test('a role that always needs a second factor needs it here, in applications and in the console', async () => {
  for (const role of ['clerk', 'support']) {
    const { member, person } = await atLite(['email', 'password'])
    assertAt(await person.open('/account'), '/account')
    if (role === 'clerk') {
      await site.sql(`update users set roles = '{clerk}' where id = $1`, [member.id])
    } else {
      await site.sql(`insert into admins (user_id, role) values ($1, 'support')`, [member.id])
    }
    await person.open('/account')
    assert.equal(pageOf(person.here()), 'email-code', role)
    assert.deepEqual(await goOn(site, person, member, first), ['email-code'], role)
    assertAt(person.here(), '/account')
  }
})

test('a trusted browser is enough to look, until it is trusted no more', async () => {
  const member = await site.member(['email', 'password', 'totp'])
  const { person } = await site.arrive()
  await goThrough(site, person, member, { first, trust: true })
  await site.arrive({ prompt: 'login' }, { person, party: lite })
  await goThrough(site, person, member, { first })
  assertAt(await person.open('/account/activity'), '/account/activity')
  await site.sql('delete from trusted_browsers where user_id = $1', [member.id])
  assert.equal(pageOf(await person.open('/account/activity')), 'totp')
})
