/** A passkey that a password manager makes without asking anybody: after a password, and after all of it. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { totpCode } from '../browser/authenticator.ts'
import type { Visit, Visitor } from '../support/http.ts'
import { softAuthenticator } from '../support/soft-passkeys.ts'
import { answerCode, giveCode, goodPassword, registerUsername } from './people.ts'
import { assertOn, assertSignedIn, openSite } from './site.ts'

const site = await openSite(
  { after },
  { sign_in_experience: { identifiers: ['email', 'username'], profile: [] } },
)
const authenticator = softAuthenticator({ origin: new URL(site.server.baseUrl).origin })
const support = { passkey_support: 'ask quiet' }

/** As the script of the page asks for it. */
const askQuietly = (person: Visitor): Promise<Visit> => {
  const [base] = /^.*\/interaction\/[\w-]+/.exec(person.here().url) ?? []
  return person.copy().post(`${base}/passkey?quiet=1`, {})
}

test('it is made once the password and the second factor are proven, and not before', async () => {
  const { key, sub } = await registerUsername(site, 'nina')
  const arrival = await site.arrive()
  const { person } = arrival
  await person.submit('identify', { identifier: 'nina', ...support })
  // Nobody is known yet: what comes is what any browser may be asked for.
  assert.equal(JSON.parse((await askQuietly(person)).html).create, undefined)
  await person.submit('verify/password', { password: goodPassword })
  assertOn(person.here(), 'Open your authenticator app')
  assert.equal((await askQuietly(person)).status, 422, 'half a sign-in makes nothing')
  await person.submit('verify/totp', { code: totpCode(key, 0) })
  assertOn(person.here(), 'Sign in faster next time')
  assert.match(person.here().html, /data-quiet/)
  const { create } = JSON.parse((await askQuietly(person)).html)
  // Nobody has to be there for it.
  const made = authenticator.create(create, { present: false, verified: false })
  await person.submit('verify/passkey', { passkey: made })
  await assertSignedIn(arrival, { amr: ['mfa', 'otp', 'pwd'], acr: 'aal2' })
  const kept = await site.sql('select 1 from passkeys where user_id = $1', [sub])
  assert.equal(kept.length, 1)
})

test('whoever came without a password is asked', async () => {
  const first = await site.arrive()
  await giveCode(site, first.person, 'otis@example.com')
  const { person } = await site.arrive()
  const before = new Date()
  await person.submit('identify', { identifier: 'otis@example.com', ...support })
  await answerCode(site, person, 'otis@example.com', before)
  assertOn(person.here(), 'Sign in faster next time')
  assert.doesNotMatch(person.here().html, /data-quiet/)
  assert.equal((await askQuietly(person)).status, 422)
  assert.equal((await person.copy().post(`${person.here().url}/passkey`, {})).status, 200)
})
