import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { askSilently, assertSignedIn, errorOf } from '../flows/site.ts'
import { goThrough, openMembers, pageOf } from './member.ts'

const site = await openMembers(
  { after },
  { sign_in_experience: { methods: ['password', 'email-code', 'passkey'] } },
)
const first = 'email-code'
const naming = (...values: string[]) => ({
  claims: JSON.stringify({ id_token: { amr: { essential: true, values } } }),
})

test('a passkey is asked for by the kind of its key', async () => {
  const member = await site.member(['email', 'passkey'])
  const { person } = await site.arrive()
  await goThrough(site, person, member, { first })
  assert.equal(await askSilently(site, person, naming('hwk')), 'unmet_authentication_requirements')
  const arrival = await site.arrive(naming('hwk'), { person })
  assert.deepEqual(await goThrough(site, person, member, { first }), ['passkey'])
  await assertSignedIn(arrival, { amr: ['email', 'hwk', 'mfa', 'otp', 'user'], acr: 'phr' })
  assert.equal(await askSilently(site, person, naming('swk', 'hwk')), null)
})

test('a passkey of the other kind is asked for once, and then the application is told', async () => {
  const member = await site.member(['email', 'passkey'])
  const { person } = await site.arrive()
  await goThrough(site, person, member, { first })
  await site.arrive(naming('swk'), { person })
  assert.equal(pageOf(person.here()), 'passkey')
  assert.deepEqual(await goThrough(site, person, member, { first }), ['passkey'])
  assert.equal(errorOf(person.here()), 'unmet_authentication_requirements')
})

test('whoever has no passkey is not asked for one', async () => {
  const member = await site.member(['email', 'password'])
  const { person } = await site.arrive()
  await goThrough(site, person, member, { first })
  await site.arrive(naming('hwk', 'swk'), { person })
  assert.equal(errorOf(person.here()), 'unmet_authentication_requirements')
})
