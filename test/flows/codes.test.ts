import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Visitor } from '../support/http.ts'
import { visitor } from '../support/http.ts'
import { answerCode, giveCode, givePassword, goodPassword, register } from './people.ts'
import { assertOn, assertSignedIn, openSite, tokensOf } from './site.ts'

const site = await openSite(
  { after },
  {
    sign_in_experience: { methods: ['email-code', 'sms-code', 'password'], profile: [] },
    // The limits are those that hold by default.
    limits: {},
  },
)
const { mail, sql } = site
const bySms = { amr: ['otp', 'sms'], acr: 'aal1' } as const

/** As if nobody had asked for a message before. */
const forgetSends = () => sql('delete from send_limits')
const passTime = (interval: string) =>
  sql(
    `update send_limits set next_at = next_at - $1::interval, hour_at = hour_at - $1::interval,
            day_at = day_at - $1::interval`,
    [interval],
  )

/** On the page that asks for the code that has just been sent. */
async function waiting(phone: string, person: Visitor = visitor(site.server)) {
  await forgetSends()
  const before = new Date()
  const arrival = await site.arrive({}, { person })
  await person.submit('identify', { identifier: phone })
  assertOn(person.here(), 'Check your text messages')
  const code = await mail.codeFor(phone, before)
  return { ...arrival, code }
}

/** A code that is not `code`, nor any of the others. */
const wrong = (code: string, index = 1) =>
  String((Number(code) + index) % 1_000_000).padStart(6, '0')

const guess = (person: Visitor, code: string) => person.submit('verify/sms-code', { code })

test('a wrong code says how many tries are left, and five end that code', async () => {
  const { person, code } = await waiting('+12015550150')
  for (const left of [4, 3, 2, 1]) {
    const page = await guess(person, wrong(code, left))
    assert.equal(page.status, 422)
    assert.match(page.text, new RegExp(`${left} (try|tries) left`))
    assert.ok(!page.html.includes(wrong(code, left)), 'the code is not kept')
  }
  await guess(person, wrong(code, 5))
  const right = await guess(person, code)
  assert.equal(right.status, 429)
  assert.match(right.text, /Too many wrong codes/)
  assert.equal(right.left, null)
})

test('an empty or malformed code costs no try', async () => {
  const { person, code, ...arrival } = await waiting('+12015550151')
  for (const [typed, words] of [
    ['', /Enter the code/],
    ['12345', /Enter all 6 digits of the code/],
    ['1234567', /Enter all 6 digits/],
    ['12345a', /Enter all 6 digits/],
    ['1e5', /Enter all 6 digits/],
  ] as const) {
    const page = await guess(person, typed)
    assert.equal(page.status, 422)
    assert.match(page.text, words)
  }
  assert.match((await guess(person, wrong(code))).text, /4 tries left/)
  await guess(person, code)
  await assertSignedIn({ person, ...arrival }, bySms)
})

test('a code works in whichever script and grouping it is typed', async () => {
  for (const [phone, zero, group] of [
    ['+12015550152', 0x0660, ' '],
    ['+12015550153', 0x06f0, ''],
    ['+12015550154', 0xff10, '-'],
    ['+12015550155', 0x0966, '\u200f'],
  ] as const) {
    const { person, code, ...arrival } = await waiting(phone)
    const typed = [...code].map((digit) => String.fromCodePoint(zero + Number(digit)))
    await guess(person, `${typed.slice(0, 3).join('')}${group}${typed.slice(3).join('')}`)
    await assertSignedIn({ person, ...arrival }, bySms)
  }
})

test('a newer code kills the older, and does not bring back tries', async () => {
  const { person, code: older } = await waiting('+12015550156')
  for (const index of [1, 2, 3, 4, 5]) await guess(person, wrong(older, index))
  await forgetSends()
  const between = new Date()
  const resent = await person.submit('resend')
  assert.match(resent.text, /A new text message is on its way. Only its code works now/)
  const newer = await mail.codeFor('+12015550156', between)
  if (newer !== older) assert.equal((await guess(person, older)).status, 422)

  for (const index of [1, 2, 3]) {
    const page = await guess(person, wrong(newer, index))
    assert.equal(page.status, 422)
  }
  await guess(person, wrong(newer, 4))
  const locked = await guess(person, newer)
  assert.equal(locked.status, 429)
  assert.match(locked.text, /Too many failed tries. Try again in 15 minutes/)
  assert.ok(Number(locked.headers.get('retry-after')) > 800)
})

test('ten failures lock a factor, also for a new sign-in, until a while has gone by', async () => {
  const { person, code } = await waiting('+12015550157')
  for (const index of [1, 2, 3, 4, 5]) await guess(person, wrong(code, index))
  const second = await waiting('+12015550157')
  for (const index of [1, 2, 3, 4, 5]) await guess(second.person, wrong(second.code, index))
  const third = await waiting('+12015550157')
  assert.equal((await guess(third.person, third.code)).status, 429)
  await sql(`update attempts set locked_until = now() - interval '1 second'`)
  await guess(third.person, third.code)
  await assertSignedIn(third, bySms)
})

test('strangers who guess lock nobody out of a browser that they have used', async () => {
  const home = await waiting('+12015550158')
  await guess(home.person, home.code)
  const { sub } = (await tokensOf(home)).claims()!
  await home.person.open(site.shop.logoutUrl(await tokensOf(await site.arrive({}, home))))

  for (let round = 0; round < 2; round++) {
    const stranger = await waiting('+12015550158')
    for (const index of [1, 2, 3, 4, 5]) await guess(stranger.person, wrong(stranger.code, index))
  }
  const stranger = await waiting('+12015550158')
  assert.equal((await guess(stranger.person, stranger.code)).status, 429)

  const again = await waiting('+12015550158', home.person)
  await guess(again.person, again.code)
  assert.equal((await assertSignedIn(again, bySms)).claims()!.sub, sub)
})

test('the browser that somebody else uses has its own count, and locks as well', async () => {
  const mine = await waiting('+12015550159')
  await guess(mine.person, mine.code)
  await mine.person.open(site.shop.logoutUrl(await tokensOf(mine)))
  for (let round = 0; round < 4; round++) {
    const again = await waiting('+12015550159', mine.person)
    for (const index of [1, 2, 3, 4, 5]) await guess(again.person, wrong(again.code, index))
  }
  const last = await waiting('+12015550159', mine.person)
  assert.equal((await guess(last.person, last.code)).status, 429)
})

test('a locked password leaves other ways open', async () => {
  const arrival = await site.arrive({ acr_values: 'aal2' })
  await giveCode(site, arrival.person, '+1 201 555 0160')
  await arrival.person.submit('profile', { new_password: goodPassword })
  await arrival.person.submit('verify/password', { password: goodPassword })
  await tokensOf(arrival)

  const stranger = await waiting('+12015550160')
  await stranger.person.submit('start/password')
  for (let times = 0; times < 10; times++) {
    const page = await stranger.person.submit('verify/password', { password: 'a guess' })
    assert.equal(page.status, 422)
  }
  const locked = await stranger.person.submit('verify/password', { password: goodPassword })
  assert.equal(locked.status, 429)
  assert.match(locked.html, /start\/sms-code/, 'another way is offered')
  const other = await waiting('+12015550160')
  await guess(other.person, other.code)
  await assertSignedIn(other, bySms)
})

test('unknown accounts lock like known ones', async () => {
  const { person } = await site.arrive()
  const statuses: number[] = []
  await givePassword(person, 'nobody@example.com', 'a guess')
  for (let times = 1; times < 11; times++) {
    statuses.push((await person.submit('verify/password', { password: 'a guess' })).status)
  }
  assert.deepEqual(statuses, [...Array(9).fill(422), 429])
})

test('another message can be asked for after 30, 60, 120 and 300 seconds', async () => {
  const { person } = await waiting('+12015550161')
  for (const seconds of [30, 60, 120, 300]) {
    const early = await person.submit('resend')
    assert.equal(early.status, 429)
    const wait = Number(early.headers.get('retry-after'))
    assert.ok(wait > seconds - 10 && wait <= seconds, `${wait} of ${seconds}`)
    assert.match(early.text, /Wait \d+ seconds before you have another message sent/)
    await passTime(`${seconds} seconds`)
    const between = new Date()
    assert.equal((await person.submit('resend')).status, 200)
    await mail.codeFor('+12015550161', between)
  }
  assert.equal((await mail.messages('+12015550161')).length, 5)
})

test('five messages an hour and ten a day go to one number, whoever asks', async () => {
  const { person } = await waiting('+12015550162')
  let sent = 1
  for (const limit of [5, 10]) {
    for (; sent < limit; sent++) {
      await sql('update send_limits set next_at = now()')
      assert.equal((await person.submit('resend')).status, 200)
    }
    await sql('update send_limits set next_at = now()')
    const other = await site.arrive()
    const refused = await other.person.submit('identify', { identifier: '+12015550162' })
    assert.equal(refused.status, 429)
    assert.match(refused.text, /Too many messages were asked for/)
    assert.ok(Number(refused.headers.get('retry-after')) > 3000)
    await sql(`update send_limits set hour_at = hour_at - interval '61 minutes'`)
  }
  await passTime('1 day')
  assert.equal((await person.submit('resend')).status, 200)
})

test('a second tab says that it is too early for another message, and sends it in time', async () => {
  const first = await waiting('+12015550167')
  const { person } = await site.arrive({}, { person: first.person })
  const early = await person.submit('identify', { identifier: '+12015550167' })
  assert.equal(early.status, 429)
  for (const page of [early, await person.open(early.url.replace('/identify', ''))]) {
    assertOn(page, 'The text message was not sent')
    assert.match(page.text, /Wait \d+ seconds before you have another message sent/)
    assert.match(page.html, /start\/password/, 'another way is offered')
  }
  await passTime('30 seconds')
  const between = new Date()
  assertOn(await person.open(person.here().url), 'Check your text messages')
  await mail.codeFor('+12015550167', between)
})

test('addresses that end in one mailbox share its messages', async () => {
  await forgetSends()
  const first = await site.arrive()
  await first.person.submit('identify', { identifier: 'ann.other@gmail.com' })
  assertOn(first.person.here(), 'Check your email')
  const second = await site.arrive()
  const page = await second.person.submit('identify', { identifier: 'annother+x@googlemail.com' })
  assert.equal(page.status, 429)
})

test('who goes back and forth can still use the code that was sent', async () => {
  const { person, code, ...arrival } = await waiting('+12015550163')
  await person.open(/href="([^"]+\?change=1)"/.exec(person.here().html)![1]!)
  await person.submit('identify', { identifier: '+12015550163' })
  assertOn(person.here(), 'Check your text messages')
  await guess(person, code)
  await assertSignedIn({ person, ...arrival }, bySms)
})

test('a code that has expired says so, and is renewed with one click', async () => {
  const { person, code, ...arrival } = await waiting('+12015550164')
  await sql(`update challenges set expires_at = now() - interval '1 second'`)
  const late = await guess(person, code)
  assert.equal(late.status, 422)
  assert.match(late.text, /That code has expired. Have a new one sent/)
  await forgetSends()
  const between = new Date()
  await person.submit('resend')
  await answerCode(site, person, '+12015550164', between)
  await assertSignedIn({ person, ...arrival }, bySms)
})

test('an unknown number and a known one are asked for a code by the same page', async () => {
  await forgetSends()
  await register({ ...site }, '+1 201 555 0165').catch(() => {})
  const texts: string[] = []
  for (const phone of ['+1 201-555-0165', '+1 201-555-0166']) {
    await forgetSends()
    const { person } = await site.arrive()
    const before = new Date()
    await person.submit('identify', { identifier: phone })
    await mail.codeFor(phone.replaceAll(/[ -]/g, ''), before)
    await person.open(person.here().url)
    texts.push(person.here().text.replaceAll(/0165|0166/g, '…'))
  }
  assert.equal(texts[0], texts[1])
})
