import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { totpCode } from '../browser/authenticator.ts'
import { visitor } from '../support/http.ts'
import { answerCode, enrolTotp, giveCode, givePassword, goodPassword } from './people.ts'
import {
  type Arrival,
  askSilently,
  assertOn,
  assertSignedIn,
  assertWhole,
  openSite,
  tokensOf,
} from './site.ts'

const site = await openSite(
  { after },
  {
    sign_in_experience: {
      identifiers: ['email', 'phone'],
      methods: ['password', 'email-link', 'sms-code'],
      profile: ['password'],
    },
  },
)
const { mail, shop } = site
const newPassword = 'a newer harbour light'

/** Signed in with email address and password. */
async function signUp(to: string): Promise<Arrival> {
  const arrival = await site.arrive({ prompt: 'create' })
  await giveCode(site, arrival.person, to)
  await arrival.person.submit('profile', { new_password: goodPassword })
  return arrival
}

/** On the page that says where a code went, after the link on the page of the password. */
async function forget(to: string): Promise<Arrival & { before: Date }> {
  const arrival = await site.arrive()
  const { person } = arrival
  await person.submit('identify', { identifier: to })
  assertOn(person.here(), 'Enter your password')
  const href = /href="([^"]+\?mode=reset)"/.exec(person.here().html)![1]!
  assertOn(await person.open(href), 'Reset your password')
  assert.match(
    person.here().html,
    new RegExp(`value="${to.replace('+', '\\+')}"`),
    'still filled in',
  )
  const before = new Date()
  await person.submit('identify')
  return { ...arrival, before }
}

test('whoever forgot the password sets a new one with a code by email, and all other sessions end', async () => {
  const old = await signUp('anna@example.com')
  const oldTokens = await tokensOf(old)
  assert.equal(await askSilently(site, old.person), null)

  const reset = await forget('anna@example.com')
  assertOn(reset.person.here(), 'Check your email')
  assert.equal(
    (await mail.messageFor('anna@example.com', reset.before)).usageType,
    'ForgotPassword',
  )
  await answerCode(site, reset.person, 'anna@example.com', reset.before)
  assertOn(reset.person.here(), 'Choose a new password')
  const common = await reset.person.submit('profile', { new_password: '12345678' })
  assert.equal(common.status, 422)
  assert.equal(await askSilently(site, old.person), null, 'nothing has happened yet')
  await reset.person.submit('profile', { new_password: newPassword })
  await assertWhole(site, reset, { amr: ['email', 'otp'], acr: 'aal1' })

  assert.equal(await askSilently(site, old.person), 'login_required', 'the old cookie is dead')
  await assert.rejects(shop.refresh(oldTokens), { error: 'invalid_grant' })
  await assert.rejects(shop.userinfo(oldTokens))

  const wrong = await site.arrive()
  assert.equal((await givePassword(wrong.person, 'anna@example.com')).status, 422)
  const right = await site.arrive()
  const before = new Date()
  await givePassword(right.person, 'anna@example.com', newPassword)
  await answerCode(site, right.person, 'anna@example.com', before)
  await assertSignedIn(right, { amr: ['email', 'otp', 'pwd'], acr: 'aal1' })
})

test('the link of that email does the same', async () => {
  const old = await signUp('bert@example.com')
  const oldTokens = await tokensOf(old)
  const reset = await forget('bert@example.com')
  const link = await mail.linkFor('bert@example.com', reset.before)
  assert.equal((await visitor(site.server).open(link)).status, 200)
  await reset.person.open(link)
  await reset.person.submit(({ action }) => action === link)
  assertOn(reset.person.here(), 'Choose a new password')
  await reset.person.submit('profile', { new_password: newPassword })
  await assertWhole(site, reset, { amr: ['email'], acr: 'aal1' })
  assert.equal(await askSilently(site, old.person), 'login_required')
  await assert.rejects(shop.refresh(oldTokens), { error: 'invalid_grant' })
})

test('whoever is half-way in with the old password gets no further once it was reset', async () => {
  await signUp('bea@example.com')
  const thief = await site.arrive()
  await givePassword(thief.person, 'bea@example.com')
  const { url } = thief.person.here()
  assertOn(thief.person.here(), 'Check your email')

  const reset = await forget('bea@example.com')
  await answerCode(site, reset.person, 'bea@example.com', reset.before)
  await reset.person.submit('profile', { new_password: newPassword })
  await assertSignedIn(reset, { amr: ['email', 'otp'], acr: 'aal1' })
  assertOn(await thief.person.open(url), 'This sign-in has expired')
  assertOn(await thief.person.submit('restart'), 'Sign in to Shop')
})

test('a code by text message resets a password as well', async () => {
  await signUp('+1 201 555 0130')
  const reset = await forget('+1 201 555 0130')
  await answerCode(site, reset.person, '+1 201 555 0130', reset.before)
  assertOn(reset.person.here(), 'Choose a new password')
  await reset.person.submit('profile', { new_password: newPassword })
  await assertSignedIn(reset, { amr: ['otp', 'sms'], acr: 'aal1' })
})

test('a reset never skips the second factor', async () => {
  const old = await signUp('cleo@example.com')
  const raised = await site.arrive({ acr_values: 'aal2' }, { person: old.person })
  await raised.person.submit('verify/password', { password: goodPassword })
  const { key } = await enrolTotp(raised.person)
  await assertSignedIn(raised, { amr: ['email', 'mfa', 'otp', 'pwd'], acr: 'aal2' })

  const reset = await forget('cleo@example.com')
  const page = await answerCode(site, reset.person, 'cleo@example.com', reset.before)
  assertOn(page, 'Open your authenticator app')
  assert.doesNotMatch(page.html, /start\/email-code/, 'the mailbox does not count twice')
  const skipped = await reset.person.post(`${page.url}/profile`, { new_password: newPassword })
  assertOn(skipped, 'Open your authenticator app')
  await reset.person.submit('verify/totp', { code: totpCode(key) })
  assertOn(reset.person.here(), 'Choose a new password')
  await reset.person.submit('profile', { new_password: newPassword })
  await assertSignedIn(reset, { amr: ['email', 'otp'], acr: 'aal1' })
  assert.equal(await askSilently(site, old.person), 'login_required')
})

test('for an unknown address the page is the same, and nothing is sent', async () => {
  await signUp('dana@example.com')
  const texts: string[] = []
  for (const to of ['dana@example.com', 'unknown@example.com']) {
    const { person } = await forget(to)
    const state = await person.copy().open(`${person.here().url}/state`)
    texts.push(`${person.here().text.replaceAll(to, '…')} ${state.html}`)
  }
  assert.equal(texts[0], texts[1])
  await mail.messageFor('dana@example.com')
  assert.deepEqual(await mail.messages('unknown@example.com'), [])
})

test('to ask for a reset changes nothing for who is signed in', async () => {
  const old = await signUp('emma@example.com')
  await forget('emma@example.com')
  assert.equal(await askSilently(site, old.person), null)
  await shop.refresh(await tokensOf(old))
})

test('who is signed in and asked again may have forgotten the password too', async () => {
  const { person } = await signUp('fred@example.com')
  const again = await site.arrive({ prompt: 'login' }, { person })
  assertOn(person.here(), 'Enter your password')
  const href = /href="([^"]+\?mode=reset)"/.exec(person.here().html)![1]!
  assertOn(await person.open(href), 'Reset your password')
  const before = new Date()
  await person.submit('identify')
  await answerCode(site, person, 'fred@example.com', before)
  await person.submit('profile', { new_password: newPassword })
  await assertSignedIn(again, { amr: ['email', 'otp'], acr: 'aal1' })
  assert.equal(await askSilently(site, person), null, 'this browser stays signed in')
})
