import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { goodPassword } from '../flows/people.ts'
import { askSilently, assertSignedIn, errorOf, tokensOf } from '../flows/site.ts'
import { goThrough, type Member, openMembers } from './member.ts'

const site = await openMembers({ after })

const naming = (values: string | string[], maxAge?: number, essential = true) => ({
  claims: JSON.stringify({ id_token: { amr: { essential, values: [values].flat() } } }),
  ...(maxAge === undefined ? {} : { max_age: String(maxAge) }),
})

/** As if those of the factors of a session with this method had been proven so long ago. */
const age = (member: Member, method: string, seconds: number) =>
  site.sql(
    `update oidc_sessions set factors = (
       select jsonb_agg(case when f ->> 'method' = $2
                then jsonb_set(f, '{at}', to_jsonb((f ->> 'at')::bigint - $3::bigint)) else f end)::text
         from jsonb_array_elements(factors::jsonb) f) where account_id = $1`,
    [member.id, method, seconds * 1000],
  )

const whole = { amr: ['email', 'otp', 'pwd'], acr: 'aal1' } as const

/** Signed in with the password, then a code by email. */
async function signedIn() {
  const member = await site.member(['email', 'password'])
  const arrival = await site.arrive()
  await goThrough(site, arrival.person, member, { first: 'password' })
  await tokensOf(arrival)
  return { member, person: arrival.person }
}

test('a factor that was proven lately enough is not asked for', async () => {
  const { person } = await signedIn()
  assert.equal(await askSilently(site, person, naming('pwd', 300)), null)
  assert.equal(await askSilently(site, person, naming(['hwk', 'pwd'], 300)), null)
  assert.equal(await askSilently(site, person, naming('email')), null)
})

test('a factor that is too old is asked for, alone, whatever else is fresh', async () => {
  const { member, person } = await signedIn()
  await age(member, 'password', 400)
  assert.equal(await askSilently(site, person, { max_age: '300' }), null, 'the rest is fresh')
  assert.equal(
    await askSilently(site, person, naming('pwd', 300)),
    'unmet_authentication_requirements',
  )
  assert.equal(await askSilently(site, person, naming('email', 300)), null)
  const arrival = await site.arrive(naming('pwd', 300), { person })
  assert.deepEqual(await goThrough(site, person, member, { first: 'password' }), ['password'])
  await assertSignedIn(arrival, whole)
})

test('where everything is too old, the one that is named is still enough', async () => {
  const { member, person } = await signedIn()
  await age(member, 'password', 4000)
  await age(member, 'email-code', 4000)
  await site.sql(
    `update oidc_sessions set payload = jsonb_set(payload::jsonb, '{loginTs}',
       to_jsonb((payload::jsonb ->> 'loginTs')::int - 4000))::text where account_id = $1`,
    [member.id],
  )
  const arrival = await site.arrive(naming('email', 300), { person })
  assert.deepEqual(await goThrough(site, person, member, { first: 'email-code' }), ['email-code'])
  await assertSignedIn(arrival, whole)
  const all = await site.arrive({ max_age: '0' }, { person })
  assert.deepEqual(await goThrough(site, person, member, { first: 'password' }), [
    'password',
    'email-code',
  ])
  await assertSignedIn(all, whole)
})

test('a new sign-in begins with the factor that is named', async () => {
  const member = await site.member(['email', 'phone', 'password'])
  const arrival = await site.arrive(naming('email', 300))
  await arrival.person.submit('identify', { identifier: member.email! })
  assert.equal(
    arrival.person.here().forms.some(({ action }) => action.endsWith('/verify/email-code')),
    true,
  )
  await goThrough(site, arrival.person, member, { first: 'email-code' })
  await assertSignedIn(arrival, { amr: ['email', 'otp'], acr: 'aal1' })
})

test('a sign-in by something else goes on to what is named, also right after it', async () => {
  const member = await site.member(['email', 'phone', 'password', 'totp'])
  const arrival = await site.arrive(naming('sms', 0))
  const { person } = arrival
  await person.submit('identify', { identifier: member.email! })
  assert.deepEqual(await goThrough(site, person, member, { first: 'password' }), [
    'password',
    'sms-code',
  ])
  await assertSignedIn(arrival, { amr: ['mfa', 'otp', 'pwd', 'sms'], acr: 'aal2' })
})

test('whoever has no password sets one, and proves it', async () => {
  const member = await site.member(['phone'])
  const arrival = await site.arrive(naming('pwd', 300))
  const pages = await goThrough(
    site,
    arrival.person,
    { ...member, password: goodPassword },
    {
      first: 'sms-code',
    },
  )
  assert.deepEqual(pages, ['identify', 'sms-code', 'new-password', 'password'])
  await assertSignedIn(arrival, { amr: ['mfa', 'otp', 'pwd', 'sms'], acr: 'aal2' })
})

test('a stolen first factor is not enough to set one’s own', async () => {
  const member = await site.member(['phone', 'totp'])
  const arrival = await site.arrive(naming('pwd', 300))
  const pages = await goThrough(
    site,
    arrival.person,
    { ...member, password: goodPassword },
    {
      first: 'sms-code',
    },
  )
  assert.deepEqual(pages, ['identify', 'sms-code', 'totp', 'new-password', 'password'])
})

test('whoever neither has the factor nor can get it is told so', async () => {
  const { person } = await signedIn()
  const arrival = await site.arrive(naming('sms', 300), { person })
  assert.equal(errorOf(arrival.person.here()), 'unmet_authentication_requirements')
})

test('names that nobody knows ask for nothing, unless they are essential', async () => {
  const { person } = await signedIn()
  assert.equal(await askSilently(site, person, naming('iris', 300, false)), null)
  for (const values of ['iris', []]) {
    const arrival = await site.arrive(naming(values), { person })
    assert.equal(errorOf(arrival.person.here()), 'unmet_authentication_requirements')
  }
  for (const amr of [
    null,
    {},
    { essential: true },
    { value: null },
    { values: {} },
    { value: 5 },
  ]) {
    const claims = JSON.stringify({ id_token: { amr } })
    const { person: copy } = await site.arrive({ claims }, { person: person.copy() })
    const { status, left } = copy.here()
    assert.ok(left && status < 500, claims)
  }
})

test('two kinds and a name together ask for both, once each', async () => {
  const { member, person } = await signedIn()
  await age(member, 'password', 400)
  const key = await site.member(['email', 'password', 'totp'])
  const arrival = await site.arrive({ ...naming('pwd', 300), acr_values: 'aal2' })
  assert.deepEqual(await goThrough(site, arrival.person, key, { first: 'password' }), [
    'identify',
    'password',
    'totp',
  ])
  await assertSignedIn(arrival, { amr: ['mfa', 'otp', 'pwd'], acr: 'aal2' })
  await age(key, 'password', 400)
  const again = await site.arrive(
    { ...naming('pwd', 300), acr_values: 'aal2' },
    { person: arrival.person },
  )
  assert.deepEqual(await goThrough(site, arrival.person, key, { first: 'password' }), ['password'])
  await assertSignedIn(again, { amr: ['mfa', 'otp', 'pwd'], acr: 'aal2' })
  assert.ok(person)
})
