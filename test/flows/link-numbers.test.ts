/** Links that ask, in another browser, for the number that the first one shows. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Form } from '../support/forms.ts'
import { visitor } from '../support/http.ts'
import { answerCode, register } from './people.ts'
import { askSilently, assertOn, assertSignedIn, openSite } from './site.ts'

const site = await openSite({ after }, {}, [
  { clientId: 'matching', registration: { link_mode: 'number_match' } },
])
const { mail, server } = site
const party = site.parties[1]!

/** Somebody who waits, and the message that another device has got. */
const waiting = async (email: string) => {
  const arrival = await site.arrive({}, { party })
  const before = new Date()
  const page = await arrival.person.submit('identify', { identifier: email })
  const number = /class="shown-code"><strong[^>]*>(\d\d)</.exec(page.html)?.[1] ?? ''
  assert.match(number, /^[1-9]\d$/, page.text)
  const { link, code } = await mail.messageFor(email, before)
  const phone = visitor(server, { 'accept-language': 'en' })
  const base = page.url
  const news = async () => {
    const poll = /data-poll="([^"]+)"/.exec(arrival.person.here().html)![1]!
    const answer = await arrival.person
      .copy()
      .open(new URL(poll.replaceAll('&amp;', '&'), base).href)
    return (JSON.parse(answer.html) as { state: string }).state
  }
  return { arrival, before, base, number, link: link!, code: code!, phone, news }
}

const asks = ({ names }: Form) => names.has('number')

const another = (number: string) => (number === '99' ? '10' : String(Number(number) + 1))

test('the number that the first screen shows, typed on another device, lets the first one go on', async () => {
  await register(site, 'nia@example.com')
  const { arrival, base, number, link, phone, news } = await waiting('nia@example.com')
  for (let times = 0; times < 3; times++) {
    assertOn(await phone.open(link), 'Are you signing in?')
    await server.fetch(link, { method: 'HEAD' })
  }
  assert.doesNotMatch(phone.here().text, /nia@example\.com/)
  assert.ok(!phone.here().text.includes(number), 'who only opens the link does not learn it')
  assert.equal(await news(), 'waiting', 'opening approves nothing')
  assertOn(await arrival.person.open(base), 'Check your email')

  for (const typed of ['', 'x', '123', another(number)]) {
    const refused = await phone.submit(asks, { number: typed })
    assert.equal(refused.status, 422, typed)
  }
  assert.match(phone.here().text, /You can try 2 more times/, 'what is no number costs no try')
  assertOn(await phone.submit(asks, { number: ` ${number} ` }), 'Go back to the other screen')
  assert.deepEqual(
    phone.jar.all().map(({ name }) => name),
    ['avouch_browser'],
    'there is no session on the phone',
  )
  const there = await phone.copy().open(base)
  assert.equal(there.status, 410, 'nor can it open the sign-in')

  assert.equal(await news(), 'moved')
  await arrival.person.open(base)
  await assertSignedIn(arrival, { amr: ['email'], acr: 'aal1' })
  assert.equal(await askSilently(site, phone), 'login_required')
  assertOn(await phone.open(link), 'This link was already used')
})

test('three wrong numbers are the last, and the code of the message still works', async () => {
  await register(site, 'ole@example.com')
  const { arrival, before, base, number, link, phone, news } = await waiting('ole@example.com')
  await phone.open(link)
  for (let times = 0; times < 3; times++) await phone.submit(asks, { number: another(number) })
  assertOn(phone.here(), 'That was not the number')
  assertOn(await phone.post(link, { number }), 'That was not the number')
  assert.equal(await news(), 'moved')
  const page = await arrival.person.open(base)
  assertOn(page, 'Check your email')
  assert.match(page.text, /entered wrong numbers/)
  assert.equal(await news(), 'waiting', 'it is told once')
  await answerCode(site, arrival.person, 'ole@example.com', before)
  await assertSignedIn(arrival, { amr: ['email', 'otp'], acr: 'aal1' })
})

test('whoever is asked and did not begin it says so, and nobody approves it any more', async () => {
  await register(site, 'pia@example.com')
  const { arrival, before, base, number, link, phone, news } = await waiting('pia@example.com')
  await phone.open(link)
  const denied = await phone.post(link, { decision: 'deny' })
  assertOn(denied, 'Nobody is signed in')
  assertOn(await phone.post(link, { number }), 'Nobody is signed in')
  assert.equal(await news(), 'moved')
  const page = await arrival.person.open(base)
  assertOn(page, 'Check your email')
  assert.match(page.text, /said that it was not them/)
  const events = await site.sql<{ event: string }>(
    "select event from audit_events where event like 'link.%' and client_id = 'matching' order by event",
  )
  assert.equal(events.filter(({ event }) => event === 'link.denied').length, 1)
  await answerCode(site, arrival.person, 'pia@example.com', before)
  await assertSignedIn(arrival, { amr: ['email', 'otp'], acr: 'aal1' })
})

test('what was approved for one address signs nobody in to another', async () => {
  const victim = await register(site, 'queen@example.com')
  const { arrival, base, number, link, phone } = await waiting('rogue@example.com')
  await phone.open(link)
  assertOn(await phone.submit(asks, { number }), 'Go back to the other screen')
  await arrival.person.copy().open(`${base}?change=1`)
  await arrival.person.post(`${base}/identify`, { identifier: 'queen@example.com' })
  assertOn(await arrival.person.open(base), 'Check your email')
  const proven = await site.sql(
    `select 1 from verifications v join sign_ins s on s.uid = v.interaction_uid
      where s.identifier_value = 'queen@example.com' and s.client_id = 'matching'`,
  )
  assert.deepEqual(proven, [], victim.sub)
})

test('the browser that asked goes on with the link itself, without any number', async () => {
  await register(site, 'sam@example.com')
  const { arrival, link } = await waiting('sam@example.com')
  await arrival.person.open(link)
  await arrival.person.submit(({ action }) => action === link)
  await assertSignedIn(arrival, { amr: ['email'], acr: 'aal1' })
})
