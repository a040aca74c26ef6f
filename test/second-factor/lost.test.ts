import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { accessToken, apiOf, program } from '../admin/api.ts'
import { askSilently, assertOn, tokensOf } from '../flows/site.ts'
import type { Visitor } from '../support/http.ts'
import { answer, goThrough, type Member, openMembers, pageOf } from './member.ts'

const desk = program('desk', ['users:read', 'users:write', 'users:support'])
const site = await openMembers(
  { after },
  {
    sign_in_experience: { methods: ['password', 'email-code', 'sms-code', 'passkey'] },
    recovery: { text: 'Call 4711 and have your badge at hand.', reset: 'approval', wait_hours: 2 },
  },
  [{ clientId: 'desk', clientSecret: desk.client_secret, registration: desk }],
)
const { api, sql } = site
const helpDesk = apiOf(
  site.server,
  await accessToken(site.server, 'desk', desk.api_scopes as never),
)
const first = 'password'

const resetOf = async ({ id }: Member) => (await api.call('GET', `/users/${id}`)).body.factorReset
const decide = (by: typeof api, { id }: Member, reset: string, how: 'approve' | 'deny') =>
  by.call('POST', `/users/${id}/factor-resets/${reset}/${how}`)
const eventsOf = async ({ id }: Member) =>
  (
    await sql<{ event: string }>(
      `select event from audit_events where user_id = $1 and event like 'factor_reset.%' order by id`,
      [id],
    )
  ).map(({ event }) => event.replace('factor_reset.', ''))

/** As far as the page that asks for a second factor. */
async function stuck(member: Member): Promise<Visitor> {
  const { person } = await site.arrive()
  await answer(site, person, member, { first })
  await answer(site, person, member, { first })
  assertOn(person.here(), 'Open your authenticator app')
  return person
}

/** The page for those who have lost it all. */
async function lost(member: Member): Promise<Visitor> {
  const person = await stuck(member)
  assert.match(person.here().html, /href="[^"]*\?lost=1"[^>]*>I have lost all of these/)
  await person.open(`${person.here().url}?lost=1`)
  assertOn(person.here(), 'You have lost your second factor')
  return person
}

const ask = async (member: Member): Promise<{ person: Visitor; id: string }> => {
  const person = await lost(member)
  await person.submit('lost')
  return { person, id: (await resetOf(member)).id }
}

const until = async (holds: () => Promise<boolean>) => {
  for (let tries = 0; !(await holds()); tries++) {
    assert.ok(tries < 300, 'It did not happen in time')
    await sleep(200)
  }
}

test('people read what the admin says, and are led to their backup codes', async () => {
  const member = await site.member(['username', 'password', 'totp'])
  const person = await lost(member)
  assert.match(person.here().text, /Call 4711 and have your badge at hand\./)
  assert.doesNotMatch(person.here().text, /backup codes/)
  await person.open(person.here().url.replace('?lost=1', ''))
  assertOn(person.here(), 'Open your authenticator app')

  await sql('insert into backup_codes (user_id, macs) values ($1, $2)', [
    member.id,
    [Buffer.alloc(32)],
  ])
  await person.open(`${person.here().url}?lost=1`)
  assert.match(person.here().text, /you saved backup codes/)
  await person.submit('start/backup-code')
  assertOn(person.here(), 'Enter a backup code')
})

test('nobody asks for a reset who has not proven a first factor', async () => {
  const member = await site.member(['username', 'password', 'totp'])
  const { person } = await site.arrive()
  const { url } = person.here()
  assert.equal(pageOf(await person.open(`${url}?lost=1`)), 'identify')
  await person.post(`${url}/lost`, {})
  await person.submit('identify', { identifier: member.username! })
  assert.equal(pageOf(await person.open(`${url}?lost=1`)), 'password')
  const refused = await person.post(`${url}/lost`, {})
  assert.equal(refused.status, 422, refused.text)
  assert.equal(await resetOf(member), null)
  assert.deepEqual(await eventsOf(member), [])
})

test('a reset is asked for once, approved, waits, and happens once', async () => {
  const member = await site.member(['username', 'password', 'totp'])
  const before = await site.arrive()
  await goThrough(site, before.person, member, { first, trust: true })
  await tokensOf(before)
  // The code of this half minute is spent now; the app is lost anyway.
  const { person, id } = await ask(member)
  assertOn(person.here(), 'You have lost your second factor')
  assert.match(person.here().text, /You have asked for a reset/)
  assert.equal(
    person.here().forms.some(({ action }) => action.endsWith('/lost')),
    false,
  )
  await person.post(person.here().url.replace('?lost=1', '/lost'), {})
  assert.deepEqual(await eventsOf(member), ['requested'])

  const approved = await decide(helpDesk, member, id, 'approve')
  assert.equal(approved.status, 200)
  const { state, dueAt } = approved.body.factorReset
  assert.equal(state, 'approved')
  assert.ok(Math.abs(Date.parse(dueAt) - Date.now() - 2 * 3_600_000) < 60_000)
  assert.equal((await decide(helpDesk, member, id, 'approve')).status, 404, 'once')
  const waiting = await lost(member)
  assert.match(waiting.here().text, /Your reset is approved\./)
  assert.ok((await api.call('GET', `/users/${member.id}`)).body.credentials.totp)

  await sql(`update factor_resets set due_at = now() where id = $1`, [id])
  await until(async () => (await resetOf(member)) === null)
  const { body } = await api.call('GET', `/users/${member.id}`)
  assert.deepEqual(body.credentials.totp, null)
  assert.ok(body.credentials.password, 'the first factor stays')
  assert.deepEqual([body.sessions, body.trustedBrowsers], [[], []])
  assert.equal(await askSilently(site, before.person), 'login_required')
  assert.deepEqual(await eventsOf(member), ['requested', 'approved', 'completed'])

  const again = await site.arrive()
  const pages = await goThrough(site, again.person, member, { first })
  assert.deepEqual(pages, ['identify', 'password', 'enrol-totp', 'backup-codes'])
})

test('whoever has lost their passkey, and has nothing else, is let in again', async () => {
  const member = await site.member(['username', 'password', 'passkey'])
  const { person } = await site.arrive()
  await answer(site, person, member, { first })
  await answer(site, person, member, { first })
  assertOn(person.here(), 'Use your passkey')
  assert.match(person.here().html, /href="[^"]*\?lost=1"[^>]*>I have lost all of these/)
  await person.open(`${person.here().url}?lost=1`)
  assert.match(person.here().text, /Call 4711/)
  await person.submit('lost')
  const { id } = await resetOf(member)
  await decide(helpDesk, member, id, 'approve')
  await sql(`update factor_resets set due_at = now() where id = $1`, [id])
  await until(async () => (await resetOf(member)) === null)
  assert.deepEqual(await sql('select 1 from passkeys where user_id = $1', [member.id]), [])
  const again = await site.arrive()
  const pages = await goThrough(site, again.person, { ...member, device: null }, { first })
  assert.deepEqual(pages, ['identify', 'password', 'enrol-totp', 'backup-codes'])
})

test('whoever does not know their password finds it where that comes second', async () => {
  const member = await site.member(['phone', 'password'])
  const { person } = await site.arrive({ acr_values: 'aal2' })
  await answer(site, person, member, { first: 'sms-code' })
  if (pageOf(person.here()) === 'password') {
    assert.doesNotMatch(person.here().html, /lost=1/, 'as a first step it can be reset')
    await person.submit('start/sms-code')
  }
  await answer(site, person, member, { first: 'sms-code' })
  assert.equal(pageOf(person.here()), 'password')
  assert.match(person.here().html, /href="[^"]*\?lost=1"/)
  await person.open(`${person.here().url}?lost=1`)
  assert.match(person.here().text, /Call 4711/)
})

test('every address hears of a reset: asked for, approved, done', async () => {
  const member = await site.member(['email', 'phone', 'password', 'totp'])
  const { id } = await ask(member)
  const told = async (least: number) => {
    for (const to of [member.email!, member.phone!]) {
      assert.equal((await site.mail.notices(to, least)).length, least, to)
    }
  }
  await told(1)
  await decide(helpDesk, member, id, 'approve')
  await told(2)
  await sql(`update factor_resets set due_at = now() where id = $1`, [id])
  await until(async () => (await resetOf(member)) === null)
  await told(3)
  const [newest] = (await site.mail.notices(member.email!)).toReversed()
  assert.match(newest!.text, /\/account\/activity/)
})

test('whoever signs in with both factors has not lost them: the reset is off', async () => {
  const member = await site.member(['username', 'password', 'totp'])
  const { id } = await ask(member)
  await decide(helpDesk, member, id, 'approve')
  const { person } = await site.arrive()
  await goThrough(site, person, member, { first })
  assert.equal(await resetOf(member), null)
  assert.deepEqual(await eventsOf(member), ['requested', 'approved', 'cancelled'])
  await sql(`update factor_resets set due_at = now() where id = $1`, [id])
  assert.equal((await decide(helpDesk, member, id, 'approve')).status, 404)
})

test('a trusted browser is no proof of anything: the reset goes on', async () => {
  const member = await site.member(['username', 'password', 'totp'])
  const { person } = await site.arrive()
  await goThrough(site, person, member, { first, trust: true })
  const { id } = await ask(member)
  await site.arrive({ prompt: 'login' }, { person })
  assert.deepEqual(await goThrough(site, person, member, { first }), ['password'])
  assert.equal((await resetOf(member)).id, id)
})

test('an admin refuses, or takes an approval back; then it may be asked for anew', async () => {
  const member = await site.member(['username', 'password', 'totp'])
  const { id } = await ask(member)
  assert.equal((await decide(helpDesk, member, id, 'deny')).body.factorReset, null)
  const again = await ask(member)
  assert.notEqual(again.id, id)
  await decide(helpDesk, member, again.id, 'approve')
  assert.equal((await decide(helpDesk, member, again.id, 'deny')).status, 200)
  assert.deepEqual(await eventsOf(member), [
    'requested',
    'denied',
    'requested',
    'approved',
    'denied',
  ])
  const other = await site.member(['email'])
  assert.equal((await decide(api, other, id, 'approve')).status, 404, 'it is of its own person')
})

test('the account of an admin is reset by those who make admins', async () => {
  const member = await site.member(['username', 'password', 'totp'])
  await sql(`insert into admins (user_id, role) values ($1, 'support')`, [member.id])
  const { id } = await ask(member)
  for (const how of ['approve', 'deny'] as const) {
    assert.equal((await decide(helpDesk, member, id, how)).status, 403)
  }
  assert.equal((await resetOf(member)).state, 'requested')
  assert.equal((await decide(api, member, id, 'approve')).status, 200)
})

test('whoever is blocked meanwhile asks for nothing', async () => {
  const member = await site.member(['username', 'password', 'totp'])
  const person = await stuck(member)
  const { url } = person.here()
  await sql('update users set blocked_at = now() where id = $1', [member.id])
  assert.equal((await person.post(`${url}/lost`, {})).status, 403)
  assert.deepEqual(await eventsOf(member), [])
})
