import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { askSilently, assertSignedIn, tokensOf } from '../flows/site.ts'
import type { RelyingParty } from '../support/relying-party.ts'
import { goThrough, openMembers, pageOf } from './member.ts'

const asking = (second_factor: string) => ({
  clientId: second_factor.replace('_', '-'),
  registration: { second_factor },
})
const site = await openMembers(
  { after },
  {
    sign_in_experience: {
      mfa: { after_password: 'required', roles: ['clerk', 'support'] },
    },
  },
  [asking('required'), asking('when_enrolled'), asking('off')],
)
const { shop } = site
const [, required, whenEnrolled, off] = site.parties as RelyingParty[]

const silently = (person: Parameters<typeof askSilently>[1], party: RelyingParty) =>
  askSilently(
    { ...site, arrive: (parameters, as) => site.arrive(parameters, { ...as, party }) },
    person,
  )

test('an application that always asks is asked to set up an app by those who have nothing', async () => {
  const member = await site.member(['email'])
  const arrival = await site.arrive({}, { party: required! })
  const pages = await goThrough(site, arrival.person, member, { first: 'email-code' })
  assert.deepEqual(pages, ['identify', 'email-code', 'enrol-totp', 'backup-codes'])
  await assertSignedIn(arrival, { amr: ['email', 'otp'], acr: 'aal1' })
})

test('an application that never asks takes the password alone; the next one asks for what lacks', async () => {
  const member = await site.member(['email', 'password'])
  const arrival = await site.arrive({}, { party: off! })
  const { person } = arrival
  assert.deepEqual(await goThrough(site, person, member, { first: 'password' }), [
    'identify',
    'password',
  ])
  await assertSignedIn(arrival, { amr: ['pwd'], acr: 'aal1' })
  assert.equal(await silently(person, shop), 'login_required', 'the shop is not opened by that')
  assert.equal(await silently(person, whenEnrolled!), null, 'and where nobody has more, it is')

  const next = await site.arrive({}, { person })
  assert.deepEqual(await goThrough(site, person, member, { first: 'password' }), ['email-code'])
  await assertSignedIn(next, { amr: ['email', 'otp', 'pwd'], acr: 'aal1' })
  assert.equal(await silently(person, shop), null)
  assert.equal(await silently(person, required!), null)
})

test('whoever has an app is asked for it where applications say so, though another never asks', async () => {
  const member = await site.member(['email', 'totp'])
  const arrival = await site.arrive({}, { party: off! })
  const { person } = arrival
  assert.deepEqual(await goThrough(site, person, member, { first: 'email-code' }), [
    'identify',
    'email-code',
  ])
  assert.equal(await silently(person, whenEnrolled!), 'login_required')
  assert.equal(await silently(person, shop), 'login_required')
  await site.arrive({}, { person, party: whenEnrolled! })
  assert.deepEqual(await goThrough(site, person, member, { first: 'email-code' }), ['totp'])
  assert.equal(await silently(person, shop), null)
})

test('a trusted browser is good enough for those who are signed in already, until it is taken back', async () => {
  const member = await site.member(['email', 'password'])
  const first = await site.arrive()
  const { person } = first
  await goThrough(site, person, member, { first: 'password', trust: true })
  await site.arrive({ prompt: 'login' }, { person })
  assert.deepEqual(await goThrough(site, person, member, { first: 'password' }), ['password'])
  assert.equal(await silently(person, required!), null)
  await site.sql('delete from trusted_browsers where user_id = $1', [member.id])
  assert.equal(await silently(person, required!), 'login_required')
  assert.equal(await silently(person, off!), null)
})

test('a role that always needs a second factor needs it everywhere', async () => {
  const member = await site.member(['email', 'phone'])
  const before = await site.arrive({}, { party: off! })
  assert.deepEqual(await goThrough(site, before.person, member, { first: 'email-code' }), [
    'identify',
    'email-code',
  ])
  assert.equal(await silently(before.person, off!), null)
  const { status } = await site.api.call('PATCH', `/users/${member.id}`, { roles: ['clerk'] })
  assert.equal(status, 200)
  assert.equal(await silently(before.person, off!), 'login_required', 'also where it came later')

  const after = await site.arrive({}, { party: off! })
  assert.deepEqual(await goThrough(site, after.person, member, { first: 'email-code' }), [
    'identify',
    'email-code',
    'sms-code',
  ])
  await assertSignedIn(after, { amr: ['email', 'otp', 'sms'], acr: 'aal1' })
})

test('those who manage this server have roles too', async () => {
  const member = await site.member(['email', 'phone'])
  const before = await site.arrive()
  await goThrough(site, before.person, member, { first: 'email-code' })
  await tokensOf(before)
  await site.sql(`insert into admins (user_id, role) values ($1, 'support')`, [member.id])
  assert.equal(await silently(before.person, shop), 'login_required')
  const { person } = await site.arrive()
  const pages = await goThrough(site, person, member, { first: 'email-code' })
  assert.deepEqual(pages, ['identify', 'email-code', 'sms-code'])
})

test('a password is not reset with less than elsewhere where an application never asks', async () => {
  const member = await site.member(['email', 'phone', 'password'])
  const { person } = await site.arrive({}, { party: off! })
  await person.open(`${person.here().url}?mode=reset`)
  await person.submit('identify', { identifier: member.email!, mode: 'reset' })
  await person.submit('verify/email-code', { code: await site.mail.codeFor(member.email!) })
  assert.equal(pageOf(person.here()), 'sms-code')
})

test('the second factor that was used last in this browser comes first there', async () => {
  const member = await site.member(['email', 'phone', 'password', 'totp'])
  const { person } = await site.arrive()
  const second = async () => {
    await person.submit('verify/password', { password: member.password! })
    return pageOf(person.here())
  }
  await person.submit('identify', { identifier: member.email! })
  assert.equal(await second(), 'totp', 'the strongest where nothing is known')
  await person.submit('start/email-code')
  await person.submit('verify/email-code', { code: await site.mail.codeFor(member.email!) })
  await site.arrive({ prompt: 'login' }, { person })
  assert.equal(await second(), 'email-code')
  const elsewhere = await site.arrive()
  await elsewhere.person.submit('identify', { identifier: member.email! })
  await elsewhere.person.submit('verify/password', { password: member.password! })
  assert.equal(pageOf(elsewhere.person.here()), 'totp')
})

test('where nobody may ask for a reset, there is no button and no way around it', async () => {
  const member = await site.member(['email', 'password', 'totp'])
  const { person } = await site.arrive()
  await person.submit('identify', { identifier: member.email! })
  await person.submit('verify/password', { password: member.password! })
  const { url } = person.here()
  await person.open(`${url}?lost=1`)
  assert.match(person.here().text, /Ask the people who run this service for help/)
  assert.deepEqual(
    person.here().forms.filter(({ method }) => method === 'POST'),
    [],
  )
  assert.equal((await person.post(`${url}/lost`, {})).status, 422)
  assert.deepEqual(await site.sql('select 1 from factor_resets'), [])
})
