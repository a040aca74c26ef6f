import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { totpCode } from '../browser/authenticator.ts'
import { enrolTotp, givePassword, goodPassword } from './people.ts'
import { assertOn, assertSignedIn, assertWhole, errorOf, openSite } from './site.ts'

// As in the seed 002.
const site = await openSite(
  { after },
  { sign_in_experience: { identifiers: ['username'], methods: ['password'], profile: [] } },
)

test('a person registers with a username, a password and an authenticator app, and comes back', async () => {
  const arrival = await site.arrive({ prompt: 'create' })
  const { person } = arrival
  assertOn(person.here(), 'Create your account for Shop')
  assert.match(person.here().html, /autocomplete="username"/)
  const email = await person.submit('identify', { identifier: 'zoe@example.com' })
  assert.equal(email.status, 422)
  await person.submit('identify', { identifier: 'zoe' })
  assertOn(person.here(), 'Complete your account')
  await person.submit('profile', { new_password: goodPassword })
  const { key } = await enrolTotp(person)
  const first = await assertSignedIn(arrival, { amr: ['otp'], acr: 'aal1' })

  const again = await site.arrive()
  await givePassword(again.person, 'zoe')
  assertOn(again.person.here(), 'Open your authenticator app')
  await again.person.submit('verify/totp', { code: totpCode(key) })
  const tokens = await assertWhole(site, again, { amr: ['mfa', 'otp', 'pwd'], acr: 'aal2' })
  assert.equal(tokens.claims()!.sub, first.claims()!.sub)
  assert.equal(tokens.claims()!.preferred_username, 'zoe')
})

test('whoever stopped before the authenticator app was set up is asked for it the next time', async () => {
  const { person } = await site.arrive({ prompt: 'create' })
  await person.submit('identify', { identifier: 'xaver' })
  await person.submit('profile', { new_password: goodPassword })
  assertOn(person.here(), 'Set up an authenticator app')

  const arrival = await site.arrive()
  await givePassword(arrival.person, 'xaver')
  await enrolTotp(arrival.person)
  await assertWhole(site, arrival, { amr: ['mfa', 'otp', 'pwd'], acr: 'aal2' })
})

test('an application that asks for two factors at registration gets them', async () => {
  const arrival = await site.arrive({ prompt: 'create', acr_values: 'aal2' })
  const { person } = arrival
  await person.submit('identify', { identifier: 'wilma' })
  await person.submit('profile', { new_password: goodPassword })
  await enrolTotp(person)
  assertOn(person.here(), 'Enter your password')
  await person.submit('verify/password', { password: goodPassword })
  await assertSignedIn(arrival, { amr: ['mfa', 'otp', 'pwd'], acr: 'aal2' })
})

test('a way to sign in that is turned off can not be used by hand', async () => {
  const { person } = await site.arrive()
  const phone = await person.submit('identify', { identifier: '+1 201 555 0120' })
  assert.equal(phone.status, 422)
  await person.submit('identify', { identifier: 'zoe' })
  const { url } = person.here()
  for (const path of ['start/sms-code', 'start/email-link', 'start/totp', 'start/nothing']) {
    assert.equal((await person.post(`${url}/${path}`, {})).status, 422, path)
  }
  for (const path of ['verify/sms-code', 'verify/totp', 'verify/backup-code', 'verify/__proto__']) {
    assert.equal((await person.post(`${url}/${path}`, { code: '123456' })).status, 422, path)
  }
  assertOn(await person.open(url), 'Enter your password')
})

test('what nobody can reach is told to the application', async () => {
  const arrival = await site.arrive({ acr_values: 'phr', prompt: 'login' })
  assert.equal(errorOf(arrival.person.here()), 'unmet_authentication_requirements')
})
