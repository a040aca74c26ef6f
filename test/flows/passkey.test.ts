import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { totpCode } from '../browser/authenticator.ts'
import type { Visitor } from '../support/http.ts'
import { softAuthenticator } from '../support/soft-passkeys.ts'
import {
  answerPasskey,
  optionsOf,
  registerUsernameWithPasskey,
  withSoftPasskey,
} from './passkeys.ts'
import { giveCode, givePassword, goodPassword, register, registerUsername } from './people.ts'
import { askSilently, assertOn, assertSignedIn, assertWhole, errorOf, openSite } from './site.ts'

const site = await openSite(
  { after },
  { sign_in_experience: { identifiers: ['email', 'phone', 'username'] } },
)
const { server, sql } = site
const origin = new URL(server.baseUrl).origin
const passkey = { amr: ['hwk', 'mfa', 'user'], acr: 'phr' } as const
const phr = { acr_values: 'phr' }

test('a passkey alone signs in, and tells the application how', async () => {
  const owner = await withSoftPasskey(site, 'ada@example.com')
  const arrival = await site.arrive()
  await answerPasskey(arrival.person, owner.authenticator)
  const tokens = await assertWhole(site, arrival, passkey)
  assert.equal(tokens.claims()!.sub, owner.sub)
})

test('it signs in as its owner, whoever was named before', async () => {
  const owner = await withSoftPasskey(site, 'bea@example.com')
  const arrival = await site.arrive()
  await arrival.person.submit('identify', { identifier: 'somebody.else@example.com' })
  await answerPasskey(arrival.person, owner.authenticator)
  assert.equal((await assertSignedIn(arrival, passkey)).claims()!.sub, owner.sub)
})

test('what is asked of a browser is the same for everybody, known or not', async () => {
  await withSoftPasskey(site, 'cora@example.com')
  const asked = async (identifier: string | null) => {
    const { person } = await site.arrive()
    if (identifier) await person.submit('identify', { identifier })
    const { get } = await optionsOf(person)
    assert.match(get!.challenge, /^[\w-]{43}$/)
    return { ...get, challenge: '' }
  }
  const nobody = await asked(null)
  assert.deepEqual(nobody.allowCredentials, [])
  assert.deepEqual(await asked('cora@example.com'), nobody)
  assert.deepEqual(await asked('unknown@example.com'), nobody)
})

test('without a script nothing of it can be seen, and nothing is offered', async () => {
  const { person } = await site.arrive()
  const { html } = person.here()
  assert.match(html, /autocomplete="username webauthn"/)
  assert.match(html, /<form class="passkey"[^>]* hidden/)
  await giveCode(site, person, 'dora@example.com')
  const back = await person.submit('profile', { name: 'Dora' })
  assert.ok(back.left, 'back at the shop at once')
})

test('a browser that can is offered one; not now is not now, and never is never', async () => {
  const come = async (person?: Visitor) => {
    // Nobody is signed in any more, and yet it is the same browser.
    await sql('delete from oidc_sessions')
    const arrival = await site.arrive({}, person ? { person } : {})
    const before = new Date()
    await arrival.person.submit('identify', {
      identifier: 'emil@example.com',
      passkey_support: 'ask',
    })
    const code = await site.mail.codeFor('emil@example.com', before)
    await arrival.person.submit('verify/email-code', { code })
    return arrival
  }
  const { person } = await come()
  await person.submit('profile', { name: 'Emil' })
  assertOn(person.here(), 'Sign in faster next time')
  const { url } = person.here()
  for (const decision of ['maybe', 'toString', '__proto__', 'constructor']) {
    assert.equal((await person.post(`${url}/skip`, { decision })).status, 422, decision)
  }
  await person.submit((form) => form.values.decision === 'later')
  assert.ok(person.here().left)

  await come(person)
  assert.ok(person.here().left, 'not asked again')
  const elsewhere = await come()
  assertOn(elsewhere.person.here(), 'Sign in faster next time')
  await elsewhere.person.submit((form) => form.values.decision === 'never')
  await sql(`update passkey_refusals set until = until - interval '31 days'`)
  await come(elsewhere.person)
  assert.ok(elsewhere.person.here().left, 'never')
  await come(person)
  assertOn(person.here(), 'Sign in faster next time')
})

test('a passkey that is offered says nothing of the sign-in that it follows', async () => {
  const { arrival } = await withSoftPasskey(site, 'fay@example.com')
  await assertSignedIn(arrival, { amr: ['email', 'otp'], acr: 'aal1' })
  const [event] = await sql<{ method: string; target: string }>(
    `select method, target from audit_events where event = 'factor.added' order by id desc limit 1`,
  )
  assert.equal(event!.method, 'passkey')
  assert.ok(event!.target)
})

test('a passkey is the second step after a password', async () => {
  const authenticator = softAuthenticator({ origin })
  const { sub } = await registerUsernameWithPasskey(site, 'gina', authenticator)
  const arrival = await site.arrive()
  assertOn(await givePassword(arrival.person, 'gina'), /app/)
  await arrival.person.submit('start/passkey')
  assertOn(arrival.person.here(), 'Use your passkey')
  const { get } = await optionsOf(arrival.person)
  assert.equal(get!.allowCredentials.length, 1)
  await answerPasskey(arrival.person, authenticator, { verified: false })
  const tokens = await assertSignedIn(arrival, { amr: ['hwk', 'mfa', 'pwd', 'user'], acr: 'aal2' })
  assert.equal(tokens.claims()!.sub, sub)
})

test('a passkey of somebody else is no second step', async () => {
  await registerUsernameWithPasskey(site, 'hana', softAuthenticator({ origin }))
  const other = await withSoftPasskey(site, 'mallory@example.com')
  const { person } = await site.arrive()
  await givePassword(person, 'hana')
  await person.submit('start/passkey')
  const page = await answerPasskey(person, other.authenticator)
  assert.equal(page.status, 422)
  assertOn(page, 'Use your passkey')
})

test('whoever has two factors and a passkey steps up to it alone', async () => {
  const owner = await withSoftPasskey(site, 'ida@example.com')
  const { person } = await site.arrive()
  await giveCode(site, person, 'ida@example.com')
  assert.ok(person.here().left)
  assert.equal(await askSilently(site, person, phr), 'unmet_authentication_requirements')
  const up = await site.arrive(phr, { person })
  assertOn(person.here(), 'Use your passkey')
  const page = await answerPasskey(person, owner.authenticator, { verified: false })
  assert.match(page.text, /has to make sure that it is you/)
  await answerPasskey(person, owner.authenticator)
  await assertSignedIn(up, { amr: ['email', 'hwk', 'mfa', 'otp', 'user'], acr: 'phr' })
  assert.equal(await askSilently(site, person, phr), null)
})

test('after an hour without use a passkey has to be shown again, and nothing is sent for it', async () => {
  const owner = await withSoftPasskey(site, 'ines@example.com')
  const arrival = await site.arrive()
  await answerPasskey(arrival.person, owner.authenticator)
  await assertSignedIn(arrival, passkey)
  const { person } = arrival
  // As if nobody had been here for two hours.
  const leave = () =>
    sql(
      `update oidc_sessions set payload = jsonb_set(payload::jsonb, '{exp}',
         to_jsonb((payload::jsonb ->> 'exp')::int - 7200))::text, factors = (
         select jsonb_agg(jsonb_set(f, '{at}', to_jsonb((f ->> 'at')::bigint - 7200000)))::text
           from jsonb_array_elements(factors::jsonb) f) where account_id = $1`,
      [owner.sub],
    )
  const deliveries = async () => (await sql('select 1 from deliveries')).length
  const sent = await deliveries()
  for (const asked of [{ acr_values: 'aal2' }, phr]) {
    await leave()
    const up = await site.arrive(asked, { person })
    assertOn(up.person.here(), 'Use your passkey')
    await answerPasskey(up.person, owner.authenticator)
    await assertSignedIn(up, passkey)
  }
  assert.equal(await deliveries(), sent)
})

test('where one is demanded, whoever has none makes one, after all that the account has', async () => {
  const { key } = await registerUsername(site, 'joan')
  const authenticator = softAuthenticator({ origin })
  const arrival = await site.arrive(phr)
  const { person } = arrival
  await givePassword(person, 'joan')
  assertOn(person.here(), 'Open your authenticator app')
  await person.submit('verify/totp', { code: totpCode(key, 0) })
  assertOn(person.here(), 'Create a passkey')
  const { create } = await optionsOf(person)
  const weak = authenticator.create(create!, { verified: false })
  assert.equal((await person.submit('verify/passkey', { passkey: weak })).status, 422)
  const again = await optionsOf(person)
  await person.submit('verify/passkey', { passkey: authenticator.create(again.create!) })
  await assertSignedIn(arrival, { amr: ['hwk', 'mfa', 'otp', 'pwd', 'user'], acr: 'phr' })

  const next = await site.arrive(phr)
  await answerPasskey(next.person, authenticator)
  await assertSignedIn(next, passkey)
})

test('whoever can not make one goes back, and the application is told', async () => {
  const { person } = await register(site, 'kim@example.com')
  const up = await site.arrive(phr, { person })
  assertOn(person.here(), 'Create a passkey')
  assert.match(person.here().text, /Shop asks for a passkey/)
  await person.submit((form) => form.values.decision === 'unable')
  assert.equal(errorOf(up.person.here()), 'unmet_authentication_requirements')
})

test('instead of an authenticator app a passkey will do, and back again', async () => {
  const arrival = await site.arrive({ prompt: 'create' })
  const { person } = arrival
  await person.submit('identify', { identifier: 'leo' })
  await person.submit('profile', { name: 'Leo', new_password: goodPassword })
  assertOn(person.here(), 'Set up an authenticator app')
  await person.submit('start/passkey')
  assertOn(person.here(), 'Create a passkey')
  await person.submit('start/totp')
  assertOn(person.here(), 'Set up an authenticator app')
  await person.submit('start/passkey')
  const { create } = await optionsOf(person)
  await person.submit('verify/passkey', {
    passkey: softAuthenticator({ origin }).create(create!),
  })
  await assertSignedIn(arrival, passkey)
})

test('and instead of a password as well', async () => {
  const { person } = await register(site, '+1 201 555 0161')
  const up = await site.arrive({ acr_values: 'aal2' }, { person })
  assertOn(person.here(), 'Add a password')
  await person.submit('start/passkey')
  await person.submit('start/password')
  assertOn(person.here(), 'Add a password')
  await person.submit('start/passkey')
  const { create } = await optionsOf(person)
  await person.submit('verify/passkey', {
    passkey: softAuthenticator({ origin }).create(create!),
  })
  await assertSignedIn(up, { amr: ['hwk', 'mfa', 'otp', 'sms', 'user'], acr: 'phr' })
})

test('a passkey is asked for nowhere but where it is due', async () => {
  const { person } = await site.arrive()
  await givePassword(person, 'nobody-there')
  for (const path of ['skip', 'passkey?quiet=1']) {
    const page = await person.copy().post(`${person.here().url.split('/verify')[0]}/${path}`, {})
    assert.ok(page.status < 500, path)
  }
  const signed = await register(site, 'nora@example.com')
  await site.arrive({ acr_values: 'aal2' }, { person: signed.person })
  assertOn(signed.person.here(), 'Set up an authenticator app')
  const refused = await signed.person.copy().post(`${signed.person.here().url}/passkey`, {})
  assert.equal(refused.status, 422, 'neither to prove nor to make one')
})

test('a blocked person gets nowhere with a passkey', async () => {
  const owner = await withSoftPasskey(site, 'otto@example.com')
  await sql('update users set blocked_at = now() where id = $1', [owner.sub])
  const { person } = await site.arrive()
  const page = await answerPasskey(person, owner.authenticator)
  assert.equal(page.status, 403)
  assert.equal(page.left, null)
})

test('a copied passkey is refused, and noted for those who look after people', async () => {
  const owner = await withSoftPasskey(site, 'pia@example.com', { counts: true })
  const { person } = await site.arrive()
  const page = await answerPasskey(person, owner.authenticator, { counter: 1 })
  assert.match(page.text, /There seems to be a copy of this passkey/)
  const [event] = await sql<{ user_id: string }>(
    `select user_id from audit_events where event = 'factor.cloned'`,
  )
  assert.equal(event!.user_id, owner.sub)
})

test('other sites are told of only where the settings list them', async () => {
  const { person } = await site.arrive()
  assert.equal((await person.open('/.well-known/webauthn')).status, 404)
})

test('whoever signs in to the same session twice keeps one proof of a passkey', async () => {
  const owner = await withSoftPasskey(site, 'quinn@example.com')
  const first = await site.arrive()
  await answerPasskey(first.person, owner.authenticator)
  await assertSignedIn(first, passkey)
  const again = await site.arrive({ prompt: 'login' }, { person: first.person })
  await answerPasskey(first.person, owner.authenticator)
  await assertSignedIn(again, passkey)
})
