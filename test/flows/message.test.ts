import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { visitor } from '../support/http.ts'
import { answerCode, giveCode, giveName, register } from './people.ts'
import { assertOn, assertSignedIn, assertWhole, openSite, tokensOf } from './site.ts'

const site = await openSite(
  { after },
  {
    sign_in_experience: { methods: ['email-link', 'email-code', 'sms-code', 'sms-link'] },
  },
  [{ clientId: 'strict', registration: { link_mode: 'same_browser' } }],
)
const { mail, server } = site
const strict = site.parties[1]!

test('a person registers and signs in with a code by text message', async () => {
  const arrival = await site.arrive()
  const { person } = arrival
  await person.submit('identify', { identifier: '+1 201 555 0101' })
  assertOn(person.here(), 'Check your text messages')
  const message = await mail.messageFor('+12015550101')
  assert.equal(message.usageType, 'Register')
  assert.equal(message.link, null)
  await person.submit('verify/sms-code', { code: message.code! })
  await giveName(person, '  Anna Muster ')
  const tokens = await assertWhole(site, arrival, { amr: ['otp', 'sms'], acr: 'aal1' })
  const { name, phone_number: phone, phone_number_verified: verified } = tokens.claims()!
  assert.deepEqual([name, phone, verified], ['Anna Muster', '+12015550101', true])

  const again = await site.arrive({}, { person })
  await giveCode(site, again.person, '+1 (201) 555-0101')
  const second = await assertWhole(site, again, { amr: ['otp', 'sms'], acr: 'aal1' })
  assert.equal(second.claims()!.sub, tokens.claims()!.sub, 'the same person, without a new profile')
  assert.equal((await mail.messageFor('+12015550101')).usageType, 'SignIn')
})

test('a person registers and signs in with a code by email', async () => {
  const arrival = await site.arrive()
  await giveCode(site, arrival.person, 'Ben.Code@example.com')
  await giveName(arrival.person, 'Ben')
  const tokens = await assertWhole(site, arrival, { amr: ['email', 'otp'], acr: 'aal1' })
  assert.equal(tokens.claims()!.email, 'Ben.Code@example.com', 'as it was typed')
  assert.equal(tokens.claims()!.email_verified, true)

  const again = await site.arrive()
  await giveCode(site, again.person, 'ben.code@EXAMPLE.com')
  assert.equal((await tokensOf(again)).claims()!.sub, tokens.claims()!.sub)
})

test('a link by email signs in the browser that asked for it', async () => {
  await register(site, 'carla@example.com')
  const arrival = await site.arrive()
  const { person } = arrival
  const before = new Date()
  await person.submit('identify', { identifier: 'carla@example.com' })
  assertOn(person.here(), 'Check your email')
  const link = await mail.linkFor('carla@example.com', before)
  const landing = await person.open(link)
  assert.equal(landing.status, 200)
  assertOn(landing, /^Sign in/)
  assert.match(landing.text, /carla@example\.com/)
  assert.equal(landing.headers.get('referrer-policy'), 'no-referrer')
  await person.submit(({ action }) => action === link)
  await assertWhole(site, arrival, { amr: ['email'], acr: 'aal1' })

  const used = await visitor(server).open(link)
  assert.equal(used.status, 410)
  assertOn(used, 'This link was already used')
})

test('a link by text message signs in the browser that asked for it, where it is turned on', async () => {
  const arrival = await site.arrive()
  const { person } = arrival
  await person.submit('identify', { identifier: '+1 201 555 0102' })
  const before = new Date()
  await person.submit('start/sms-link')
  const message = await mail.messageFor('+12015550102', before)
  assert.match(message.link!, /\/l\/[\w-]{22}$/)
  assert.match(person.here().text, /It works for 15 minutes/)
  await person.open(message.link!)
  await person.submit(({ action }) => action === message.link)
  await giveName(person, 'Dora')
  await assertWhole(site, arrival, { amr: ['sms'], acr: 'aal1' })
})

test('in another browser the link shows a code to type where the sign-in began, and signs in nobody', async () => {
  await register(site, 'emil@example.com')
  const arrival = await site.arrive()
  const before = new Date()
  await arrival.person.submit('identify', { identifier: 'emil@example.com' })
  const message = await mail.messageFor('emil@example.com', before)

  const phone = visitor(server, { 'accept-language': 'en' })
  const landing = await phone.open(message.link!)
  assertOn(landing, 'Continue where you started')
  assert.match(landing.text, /Firefox, Linux/)
  assert.doesNotMatch(landing.text, /emil@example\.com/)
  const shown = await phone.submit(({ action }) => action === message.link)
  assertOn(shown, 'Your code')
  const code = /id="link-code"[^>]*>(\d{6})</.exec(shown.html)?.[1]
  assert.equal(code, message.code, 'it is the code of the message')
  assert.deepEqual(
    phone.jar.all().map(({ name }) => name),
    ['avouch_browser'],
    'there is no session',
  )

  await arrival.person.submit('verify/email-code', { code: code! })
  await assertWhole(site, arrival, { amr: ['email', 'otp'], acr: 'aal1' })
})

test('an application may want its links to be opened in the same browser, and no code shown', async () => {
  await register(site, 'fay@example.com')
  const arrival = await site.arrive({}, { party: strict })
  const before = new Date()
  await arrival.person.submit('identify', { identifier: 'fay@example.com' })
  const link = await mail.linkFor('fay@example.com', before)
  const phone = visitor(server)
  const landing = await phone.open(link)
  assertOn(landing, 'Open the link in the other browser')
  assert.deepEqual(
    landing.forms.filter(({ method }) => method === 'POST'),
    [],
  )
  const pressed = await phone.post(link, {})
  assertOn(pressed, 'Open the link in the other browser')
  assert.doesNotMatch(pressed.text, /\d{6}/)

  await arrival.person.open(link)
  await arrival.person.submit(({ action }) => action === link)
  await assertSignedIn(arrival, { amr: ['email'], acr: 'aal1' })
})

test('looking at a link as often as one likes spends nothing', async () => {
  await register(site, 'gus@example.com')
  const arrival = await site.arrive()
  const before = new Date()
  await arrival.person.submit('identify', { identifier: 'gus@example.com' })
  const link = await mail.linkFor('gus@example.com', before)
  for (let times = 0; times < 5; times++) {
    assert.equal((await arrival.person.copy().open(link)).status, 200)
    assert.equal((await server.fetch(link, { method: 'HEAD' })).status, 200)
  }
  await answerCode(site, arrival.person, 'gus@example.com', before)
  await assertSignedIn(arrival, { amr: ['email', 'otp'], acr: 'aal1' })
})

test('a newer email kills the link and the code of the older', async () => {
  await register(site, 'hal@example.com')
  const arrival = await site.arrive()
  const { person } = arrival
  const before = new Date()
  await person.submit('identify', { identifier: 'hal@example.com' })
  const older = await mail.messageFor('hal@example.com', before)
  const between = new Date()
  const resent = await person.submit('resend')
  assert.match(resent.text, /A new email is on its way. Only its code and link work now/)
  const newer = await mail.messageFor('hal@example.com', between)
  assert.notEqual(newer.link, older.link)

  const dead = await person.copy().open(older.link!)
  assert.equal(dead.status, 410)
  assertOn(dead, 'This link has expired')
  if (older.code !== newer.code) {
    const wrong = await person.submit('verify/email-code', { code: older.code! })
    assert.equal(wrong.status, 422)
  }
  await person.open(newer.link!)
  await person.submit(({ action }) => action === newer.link)
  await assertSignedIn(arrival, { amr: ['email'], acr: 'aal1' })
})

test('a link that nobody sent says that it does not work', async () => {
  for (const token of ['x', 'A'.repeat(43), '%00', '..%2f..']) {
    const landing = await visitor(server).open(`/l/${token}`)
    assert.ok([400, 404].includes(landing.status), `${token}: ${landing.status}`)
  }
})

test('whoever begins anew with another identifier can not go on with what was sent to the first', async () => {
  const victim = await register(site, '+1 201 555 0103', 'Victim')
  const arrival = await site.arrive()
  const { person } = arrival
  const before = new Date()
  await person.submit('identify', { identifier: 'mallory@example.com' })
  const { link, code } = await mail.messageFor('mallory@example.com', before)
  await person.open(`${person.here().url}?change=1`)
  await person.submit('identify', { identifier: '+1 201 555 0103' })
  const { url } = person.here()

  const stale = await person.open(link!)
  assert.equal(stale.status, 410)
  await person.post(link!, {})
  for (const method of ['email-code', 'email-link', 'sms-code']) {
    const refused = await person.post(`${url}/verify/${method}`, { code: code! })
    assert.equal(refused.status, 422, method)
  }
  assert.deepEqual(
    await site.sql('select * from verifications where user_id = $1 and at > $2', [
      victim.sub,
      before,
    ]),
    [],
  )
  assertOn(await person.open(url), 'Check your text messages')
})
