import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { totpCode } from '../browser/authenticator.ts'
import type { Visitor } from '../support/http.ts'
import {
  answerCode,
  enrolTotp,
  giveCode,
  givePassword,
  goodPassword,
  register,
  registerUsername,
} from './people.ts'
import {
  askSilently,
  assertOn,
  assertSignedIn,
  assertWhole,
  errorOf,
  openSite,
  tokensOf,
} from './site.ts'

const site = await openSite(
  { after },
  {
    sign_in_experience: {
      identifiers: ['email', 'phone', 'username'],
      methods: ['email-code', 'sms-code', 'password'],
    },
  },
)
const { sql } = site
const raised = { acr_values: 'aal2' }

/** With a phone number; signed in by a code. */
async function withPassword(phone: string) {
  const arrival = await register(site, phone)
  const up = await site.arrive(raised, { person: arrival.person })
  await arrival.person.submit('profile', { new_password: goodPassword })
  await arrival.person.submit('verify/password', { password: goodPassword })
  await tokensOf(up)
  return arrival
}

const sessionOf = async (person: Visitor) => {
  const { sub } = (await tokensOf(await site.arrive({}, { person }))).claims()!
  const [newest] = await sql<{ uid: string }>(
    'select uid from oidc_sessions where account_id = $1 order by expires_at desc limit 1',
    [sub],
  )
  return newest!.uid
}

test('a step up asks only for what is missing', async () => {
  await withPassword('+1 201 555 0140')
  const arrival = await site.arrive()
  await giveCode(site, arrival.person, '+1 201 555 0140')
  const first = await assertSignedIn(arrival, { amr: ['otp', 'sms'], acr: 'aal1' })

  const up = await site.arrive(raised, { person: arrival.person })
  assertOn(up.person.here(), 'Enter your password')
  assert.doesNotMatch(up.person.here().html, /\?change=1|\?mode=reset|start\//, 'nothing else')
  await up.person.submit('verify/password', { password: goodPassword })
  const tokens = await assertWhole(site, up, { amr: ['mfa', 'otp', 'pwd', 'sms'], acr: 'aal2' })
  assert.equal(tokens.claims()!.sub, first.claims()!.sub)
})

test('the value of the cookie changes when more is proven', async () => {
  await withPassword('+1 201 555 0160')
  const { person, ...arrival } = await site.arrive()
  await giveCode(site, person, '+1 201 555 0160')
  await tokensOf({ person, ...arrival })
  const value = () => person.jar.get('avouch_session')
  const before = value()
  const stolen = person.copy()
  const uid = await sessionOf(person.copy())
  await site.arrive(raised, { person })
  await person.submit('verify/password', { password: goodPassword })
  assert.ok(before)
  assert.notEqual(value(), before)
  assert.equal(await sessionOf(person), uid, 'it is the same session')
  assert.equal(await askSilently(site, stolen), 'login_required', 'the value before opens nothing')
})

test('who has two kinds already is asked for nothing', async () => {
  const { person } = await withPassword('+1 201 555 0141')
  const again = await site.arrive(raised, { person })
  assert.ok(!person.here().hops.some((hop) => hop.includes('/interaction/')))
  assert.equal((await tokensOf(again)).claims()!.acr, 'aal2')
  assert.equal(await askSilently(site, person, raised), null)
})

test('who can not step up without a page is told so where none may be shown', async () => {
  const { person } = await register(site, '+1 201 555 0142')
  assert.equal(await askSilently(site, person, raised), 'unmet_authentication_requirements')
  assert.equal(await askSilently(site, person, { acr_values: 'aal1' }), null)
  assert.equal(await askSilently(site, person, { acr_values: 'urn:unknown' }), null, 'voluntary')
})

test('whoever lacks a second kind of factor is offered to set one up: a password for a phone', async () => {
  const { person } = await register(site, '+1 201 555 0143')
  const up = await site.arrive(raised, { person })
  assertOn(person.here(), 'Add a password')
  assert.equal((await person.submit('profile', { new_password: 'short' })).status, 422)
  await person.submit('profile', { new_password: goodPassword })
  assertOn(person.here(), 'Enter your password')
  await person.submit('verify/password', { password: goodPassword })
  await assertSignedIn(up, { amr: ['mfa', 'otp', 'pwd', 'sms'], acr: 'aal2' })
})

test('whoever lacks both is offered an authenticator app and a password: email is no kind', async () => {
  const { person } = await register(site, 'lars@example.com')
  const up = await site.arrive(raised, { person })
  await enrolTotp(person)
  assertOn(person.here(), 'Add a password')
  await person.submit('profile', { new_password: goodPassword })
  await person.submit('verify/password', { password: goodPassword })
  await assertSignedIn(up, { amr: ['email', 'mfa', 'otp', 'pwd'], acr: 'aal2' })
})

test('a stolen password is not enough to set up an authenticator app of one’s own', async () => {
  const owner = await site.arrive({ prompt: 'create' })
  await giveCode(site, owner.person, 'mona@example.com')
  await owner.person.submit('profile', { name: 'Mona' })
  const up = await site.arrive(raised, { person: owner.person })
  await enrolTotp(owner.person)
  await owner.person.submit('profile', { new_password: goodPassword })
  await owner.person.submit('verify/password', { password: goodPassword })
  const { sub } = (await tokensOf(up)).claims()!
  await sql('delete from totp_secrets where user_id = $1', [sub])
  await sql('delete from backup_codes where user_id = $1', [sub])

  const { person } = await site.arrive(raised)
  assertOn(await givePassword(person, 'mona@example.com'), 'Check your email')
})

test('what nobody here can reach is told to the application at once', async () => {
  const { person } = await register(site, 'nils@example.com')
  const phr = await site.arrive({ acr_values: 'phr' }, { person })
  assert.equal(errorOf(phr.person.here()), 'unmet_authentication_requirements')
  assert.equal(new URL(person.here().left!).searchParams.get('state'), phr.request.state)
  const either = await site.arrive({ acr_values: 'phr aal1' }, { person })
  assert.equal((await tokensOf(either)).claims()!.acr, 'aal1', 'the weaker of two will do')
})

test('an application may ask through the claims parameter, and insist', async () => {
  const { person } = await register(site, '+1 201 555 0144')
  const claims = (acr: object) => ({ claims: JSON.stringify({ id_token: { acr } }) })
  await site.arrive(claims({ essential: true, value: 'aal2' }), { person })
  assertOn(person.here(), 'Add a password')
  const unknown = await site.arrive(claims({ essential: true, values: ['urn:unknown'] }), {
    person,
  })
  assert.equal(errorOf(unknown.person.here()), 'unmet_authentication_requirements')
  const wish = await site.arrive(claims({ value: 'urn:unknown' }), { person })
  assert.equal((await tokensOf(wish)).claims()!.acr, 'aal1')
})

test('two factors lapse after an hour without use, and stay lapsed until they are shown again', async () => {
  const { person } = await withPassword('+1 201 555 0145')
  const uid = await sessionOf(person)
  // As if nobody had been here for two hours.
  await sql(
    `update oidc_sessions set payload = jsonb_set(payload::jsonb, '{exp}',
       to_jsonb((payload::jsonb ->> 'exp')::int - 7200))::text, factors = (
       select jsonb_agg(jsonb_set(f, '{at}', to_jsonb((f ->> 'at')::bigint - 7200000)))::text
         from jsonb_array_elements(factors::jsonb) f) where uid = $1`,
    [uid],
  )
  const lapsed = await tokensOf(await site.arrive({}, { person }))
  assert.equal(lapsed.claims()!.acr, 'aal1')
  assert.deepEqual([...(lapsed.claims()!.amr as string[])].sort(), ['otp', 'pwd', 'sms'])
  const still = await tokensOf(await site.arrive({}, { person }))
  assert.equal(still.claims()!.acr, 'aal1', 'to come back does not bring it back')

  const before = new Date()
  const up = await site.arrive(raised, { person })
  assertOn(person.here(), 'Check your text messages')
  await answerCode(site, person, '+1 201 555 0145', before)
  await person.submit('verify/password', { password: goodPassword })
  await assertSignedIn(up, { amr: ['mfa', 'otp', 'pwd', 'sms'], acr: 'aal2' })
})

test('a factor of the day before yesterday does not count for a step up', async () => {
  await withPassword('+1 201 555 0146')
  const { person } = await site.arrive()
  await giveCode(site, person, '+1 201 555 0146')
  const uid = await sessionOf(person)
  await sql(
    `update oidc_sessions set factors = (
       select jsonb_agg(jsonb_set(f, '{at}', to_jsonb((f ->> 'at')::bigint - 172800000)))::text
         from jsonb_array_elements(factors::jsonb) f) where uid = $1`,
    [uid],
  )
  const before = new Date()
  const up = await site.arrive(raised, { person })
  await answerCode(site, person, '+1 201 555 0146', before)
  assertOn(person.here(), 'Enter your password')
  await person.submit('verify/password', { password: goodPassword })
  await assertSignedIn(up, { amr: ['mfa', 'otp', 'pwd', 'sms'], acr: 'aal2' })
})

test('a session of username and authenticator app steps up with the password', async () => {
  const { person, key } = await registerUsername(site, 'olga')
  const up = await site.arrive(raised, { person })
  assertOn(person.here(), 'Enter your password')
  await person.submit('verify/password', { password: goodPassword })
  await assertSignedIn(up, { amr: ['mfa', 'otp', 'pwd'], acr: 'aal2' })

  const again = await site.arrive({ ...raised, prompt: 'login' }, { person })
  assertOn(person.here(), 'Enter your password')
  await person.submit('verify/password', { password: goodPassword })
  await person.submit('verify/totp', { code: totpCode(key) })
  await assertSignedIn(again, { amr: ['mfa', 'otp', 'pwd'], acr: 'aal2' })
})
