import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { codeBefore, totpCode } from '../browser/authenticator.ts'
import { visitor } from '../support/http.ts'
import {
  answerCode,
  enrolTotp,
  giveCode,
  givePassword,
  goodPassword,
  registerUsername,
} from './people.ts'
import { assertOn, assertSignedIn, assertWhole, openSite, tokensOf } from './site.ts'

// As in the seeds 000 and 001, with usernames and email addresses besides.
const site = await openSite(
  { after },
  {
    sign_in_experience: {
      identifiers: ['username', 'phone', 'email'],
      methods: ['password', 'sms-code', 'email-code'],
      profile: ['name', 'password'],
    },
  },
)
const { mail } = site

/** Signs up with a phone number or an email address that is proven first. */
async function signUp(to: string): Promise<string> {
  const arrival = await site.arrive()
  await arrival.person.open(`${arrival.person.here().url}?mode=create`)
  await giveCode(site, arrival.person, to)
  await arrival.person.submit('profile', { name: 'Paula', new_password: goodPassword })
  return (await tokensOf(arrival)).claims()!.sub
}

test('a person registers with name, phone number and password', async () => {
  const arrival = await site.arrive()
  const { person } = arrival
  assert.match(person.here().html, /href="[^"]+\?mode=create"/)
  await person.open(`${person.here().url}?mode=create`)
  assertOn(person.here(), 'Create your account for Shop')
  await giveCode(site, person, '+1 201 555 0110')
  assertOn(person.here(), 'Complete your account')

  const short = await person.submit('profile', { name: 'Paula', new_password: '1234567' })
  assert.equal(short.status, 422)
  assert.match(short.text, /Choose a password of at least 8 characters/)
  assert.match(short.html, /value="Paula"/, 'the name is kept')
  assert.doesNotMatch(short.html, /1234567/, 'the password is not')
  const common = await person.submit('profile', { name: 'Paula', new_password: 'password123' })
  assert.match(common.text, /among the first that others would try/)

  await person.submit('profile', { name: 'Paula', new_password: goodPassword })
  const tokens = await assertWhole(site, arrival, { amr: ['otp', 'sms'], acr: 'aal1' })
  assert.equal(tokens.claims()!.name, 'Paula')
})

test('a password is followed by a code by text message', async () => {
  const sub = await signUp('+1 201 555 0111')
  const arrival = await site.arrive()
  const before = new Date()
  const page = await givePassword(arrival.person, '+1 201 555 0111')
  assertOn(page, 'Check your text messages')
  const message = await mail.messageFor('+12015550111', before)
  assert.equal(message.usageType, 'MfaVerification')
  await answerCode(site, arrival.person, '+1 201 555 0111', before)
  const tokens = await assertWhole(site, arrival, {
    amr: ['mfa', 'otp', 'pwd', 'sms'],
    acr: 'aal2',
  })
  assert.equal(tokens.claims()!.sub, sub)
})

test('a password is followed by a code by email, which is not told as two kinds of factor', async () => {
  const sub = await signUp('quinn@example.com')
  const arrival = await site.arrive()
  const before = new Date()
  assertOn(await givePassword(arrival.person, 'quinn@example.com'), 'Check your email')
  await answerCode(site, arrival.person, 'quinn@example.com', before)
  const tokens = await assertWhole(site, arrival, { amr: ['email', 'otp', 'pwd'], acr: 'aal1' })
  assert.equal(tokens.claims()!.sub, sub)
})

test('an authenticator app and backup codes are set up within the first sign-in', async () => {
  const arrival = await site.arrive({ prompt: 'create' })
  const { person } = arrival
  await person.submit('identify', { identifier: 'Rita.R' })
  const page = await person.submit('profile', { name: 'Rita', new_password: goodPassword })
  assertOn(page, 'Set up an authenticator app')
  assert.match(page.html, /<svg[^>]*role="img"/, 'the QR code is in the page')
  const key = /<code id="totp-key"[^>]*>([^<]+)</.exec(page.html)![1]!
  assert.match(page.html, new RegExp(`otpauth://totp/[^"]*secret=${key.replaceAll(' ', '')}`))

  const wrong = await person.submit('verify/totp', { code: totpCode(key, 100) })
  assert.equal(wrong.status, 422)
  assert.ok(wrong.html.includes(key), 'the key stays the same after a wrong code')
  assert.equal((await person.copy().open(`${page.url}/backup-codes.txt`)).status, 404)

  const codes = await person.submit('verify/totp', { code: await codeBefore(key) })
  assertOn(codes, 'Save your backup codes')
  const shown = [...codes.html.matchAll(/<li><code>([^<]+)</g)].map(([, code]) => code!)
  assert.equal(new Set(shown).size, 10)
  const file = await person.copy().open(`${page.url}/backup-codes.txt`)
  assert.match(file.headers.get('content-disposition')!, /attachment; filename="backup-codes.txt"/)
  assert.match(file.headers.get('content-type')!, /text\/plain/)
  for (const code of shown) assert.ok(file.html.includes(code), 'the file holds every code')
  assert.match(file.html, /Rita\.R/)

  const unsaved = await person.submit('profile')
  assert.equal(unsaved.status, 422)
  assert.match(unsaved.text, /Save the backup codes, then tick the box/)
  await person.submit('profile', { saved: 'on' })
  const gone = await person.copy().open(`${page.url}/backup-codes.txt`)
  assert.equal(gone.status, 410, 'they are shown once')

  // To set a password proves nothing; to type a code of the new app does.
  const tokens = await assertWhole(site, arrival, { amr: ['otp'], acr: 'aal1' })
  assert.equal(tokens.claims()!.preferred_username, 'rita.r')
})

test('a password is followed by a code of the authenticator app', async () => {
  const { key, sub } = await registerUsername(site, 'sven')
  const arrival = await site.arrive()
  const page = await givePassword(arrival.person, 'SVEN')
  assertOn(page, 'Open your authenticator app')
  const code = totpCode(key)
  await arrival.person.submit('verify/totp', { code: `${code.slice(0, 3)} ${code.slice(3)}` })
  const tokens = await assertWhole(site, arrival, { amr: ['mfa', 'otp', 'pwd'], acr: 'aal2' })
  assert.equal(tokens.claims()!.sub, sub)

  const again = await site.arrive()
  await givePassword(again.person, 'sven')
  const replayed = await again.person.submit('verify/totp', { code })
  assert.equal(replayed.status, 422)
  assert.match(replayed.text, /That code was already used/)
  await again.person.submit('verify/totp', { code: totpCode(key, 1) })
  await assertSignedIn(again, { amr: ['mfa', 'otp', 'pwd'], acr: 'aal2' })
})

test('a password is followed by a backup code, each of which works once', async () => {
  const { backupCodes, sub } = await registerUsername(site, 'tina')
  const [code] = backupCodes as [string]
  const arrival = await site.arrive()
  await givePassword(arrival.person, 'tina')
  assertOn(await arrival.person.submit('start/backup-code'), 'Enter a backup code')
  await arrival.person.submit('verify/backup-code', {
    code: code.toLowerCase().replaceAll('-', ' '),
  })
  const tokens = await assertWhole(site, arrival, { amr: ['mfa', 'otp', 'pwd'], acr: 'aal2' })
  assert.equal(tokens.claims()!.sub, sub)

  const again = await site.arrive()
  await givePassword(again.person, 'tina')
  await again.person.submit('start/backup-code')
  const spent = await again.person.submit('verify/backup-code', { code })
  assert.equal(spent.status, 422)
  assert.match(spent.text, /not right, or was used before/)
  await again.person.submit('verify/backup-code', { code: backupCodes[1]! })
  await tokensOf(again)
})

test('a wrong password and an unknown account read the same', async () => {
  await registerUsername(site, 'ursula')
  const texts: string[] = []
  for (const identifier of ['ursula', 'nobody-at-all']) {
    const { person } = await site.arrive()
    const page = await givePassword(person, identifier, 'not the password')
    assert.equal(page.status, 422)
    assert.match(page.text, /The account or the password is not right/)
    assert.doesNotMatch(page.html, /not the password/)
    texts.push(page.text.replaceAll(identifier, '…'))
  }
  assert.equal(texts[0], texts[1])
})

test('the password alone opens nothing', async () => {
  await registerUsername(site, 'vera')
  const { person } = await site.arrive()
  const page = await givePassword(person, 'vera')
  assertOn(page, 'Open your authenticator app')
  for (const path of ['', '?change=1', '?choose=1', '?mode=reset']) {
    assertOn(await person.open(`${page.url}${path}`), 'Open your authenticator app')
  }
  assert.equal(
    (await person.post(`${page.url}/profile`, { new_password: 'another one' })).left,
    null,
  )
  const restarted = await person.post(`${page.url}/restart`, {})
  assertOn(restarted, /^Sign in/)
})

test('a code that went to another address is no second factor', async () => {
  await signUp('walter@example.com')
  const raised = await site.arrive({ acr_values: 'aal2' })
  const before = new Date()
  const first = await givePassword(raised.person, 'walter@example.com')
  assertOn(first, 'Check your email')
  await answerCode(site, raised.person, 'walter@example.com', before)
  await enrolTotp(raised.person)
  await assertSignedIn(raised, { amr: ['email', 'mfa', 'otp', 'pwd'], acr: 'aal2' })

  // Somebody who knows the password has a code to an address of their own, in the same sign-in.
  const { person } = await site.arrive()
  await person.submit('identify', { identifier: 'mallory@example.com' })
  await person.submit('start/email-code')
  const code = await mail.codeFor('mallory@example.com')
  await person.open(`${person.here().url}?change=1`)
  const page = await givePassword(person, 'walter@example.com')
  assertOn(page, 'Open your authenticator app')
  assert.match(page.html, /start\/email-code/)
  const refused = await person.post(`${page.url}/verify/email-code`, { code })
  assert.equal(refused.status, 422)
  assertOn(await person.open(page.url), 'Open your authenticator app')
  const owners = await site.sql(`select 1 from identifiers where value = 'mallory@example.com'`)
  assert.deepEqual(owners, [])
})

test('the secret of an authenticator app stays the same in two tabs of one sign-in', async () => {
  const arrival = await site.arrive({ prompt: 'create' })
  const { person } = arrival
  await person.submit('identify', { identifier: 'xenia' })
  await person.submit('profile', { name: 'Xenia', new_password: goodPassword })
  const { url, html } = person.here()
  const keyOf = (page: string) => /<code id="totp-key"[^>]*>([^<]+)</.exec(page)?.[1]
  const [one, two] = await Promise.all([person.copy().open(url), person.copy().open(url)])
  assert.equal(keyOf(one.html), keyOf(html))
  assert.equal(keyOf(two.html), keyOf(html))

  // Two clicks on "Turn on": the codes that are shown last are the codes that work.
  const code = await codeBefore(keyOf(html)!)
  await Promise.all([1, 2, 3].map(() => person.copy().submit('verify/totp', { code })))
  const page = await person.open(url)
  const backupCode = /<li><code>([^<]+)</.exec(page.html)![1]!
  await person.submit('profile', { saved: 'on' })
  await tokensOf(arrival)

  const again = await site.arrive({}, { person: visitor(site.server) })
  await givePassword(again.person, 'xenia')
  await again.person.submit('start/backup-code')
  await again.person.submit('verify/backup-code', { code: backupCode })
  await assertSignedIn(again, { amr: ['mfa', 'otp', 'pwd'], acr: 'aal2' })
})

test('a username that is taken is refused, and another can be chosen', async () => {
  await registerUsername(site, 'yann')
  const { person } = await site.arrive({ prompt: 'create' })
  await person.submit('identify', { identifier: 'Yann' })
  const taken = await person.submit('profile', { name: 'Not Yann', new_password: goodPassword })
  assert.equal(taken.status, 422)
  assert.match(taken.text, /That username is taken. Choose another/)
  await person.open(`${taken.url.replace('/profile', '')}?change=1`)
  await person.submit('identify', { identifier: 'yann2' })
  await person.submit('profile', { name: 'Not Yann', new_password: goodPassword })
  await enrolTotp(person)
  assert.ok(person.here().left)
})
