import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { age, goOn, hasApp, leave } from '../account/members.ts'
import { assertAt } from '../account/site.ts'
import { enrolTotp } from '../flows/people.ts'
import { assertOn, errorOf, tokensOf } from '../flows/site.ts'
import { type Visitor, visitor } from '../support/http.ts'
import { answer, goThrough, openMembers, pageOf } from './member.ts'

const api_scopes = ['account:read', 'account:write']
const methods = ['email-code', 'sms-code', 'password', 'passkey']
const site = await openMembers({ after }, { sign_in_experience: { methods } })
const open = await openMembers(
  { after },
  { sign_in_experience: { methods, mfa: { after_password: 'off', after_passwordless: 'off' } } },
  [
    { clientId: 'bank', registration: { second_factor: 'required' } },
    { clientId: 'app', registration: { api_scopes } },
  ],
)
const [, bank, app] = open.parties as (typeof open.shop)[]
const first = 'email-code'
const removal = '/account/two-step/totp/remove'

test('a mailbox and the browser that its owner trusts do not take the app away', async () => {
  const member = await site.member(['email', 'totp'])
  const person = visitor(site.server)
  await site.arrive({}, { person })
  await goThrough(site, person, member, { first, trust: true })
  await age(site, member, 30)
  leave(site, person)

  await person.open('/account')
  assert.deepEqual(await goOn(site, person, member, first), ['identify', 'email-code'])
  assertAt(person.here(), '/account', /Mia/)
  await person.open(removal)
  assertOn(person.here(), 'Open your authenticator app')
  assert.doesNotMatch(person.here().html, /trust_device/, 'it would help nobody there')
  await person.copy().post(removal, {})
  assert.ok(await hasApp(site, member))

  assert.deepEqual(await goOn(site, person, member, first), ['totp'])
  assertAt(await person.submit('remove'), '/account/two-step', /turned off/)
  assert.equal(await hasApp(site, member), false)
})

test('nor does a session by the app that was left open, and a mailbox', async () => {
  const member = await site.member(['email', 'totp'])
  const { person } = await site.arrive()
  await goThrough(site, person, member, { first })
  await age(site, member, 30)
  const claims = JSON.stringify({ id_token: { amr: { value: 'email' } } })
  await site.arrive({ claims, max_age: '300' }, { person })
  assert.deepEqual(await goThrough(site, person, member, { first }), ['email-code'])
  await person.open(removal)
  assert.deepEqual(await goOn(site, person, member, first), ['email-code', 'totp'])
  assertAt(person.here(), removal)
})

test('where nobody is asked for a second factor, the mailbox opens the account and changes nothing', async () => {
  const member = await open.member(['email', 'phone', 'totp'])
  const thief = visitor(open.server)
  await thief.open('/account')
  assert.deepEqual(await goOn(open, thief, member, first), ['identify', 'email-code'])
  assertAt(thief.here(), '/account')
  for (const page of ['two-step/totp/remove', 'two-step/totp', 'password', 'passkeys/new']) {
    await thief.open(`/account/${page}`)
    assert.equal(pageOf(thief.here()), 'totp', page)
    assert.doesNotMatch(thief.here().html, /start\/sms-code/, 'no text message instead')
  }
  await thief.copy().post(removal, {})
  assert.ok(await hasApp(open, member))
  await open.arrive({}, { person: thief, party: bank! })
  assert.equal(pageOf(thief.here()), 'totp', 'there is no app of their own to be set up')
})

test('whoever has the mailbox alone is offered no passkey of their own either', async () => {
  const member = await open.member(['email', 'totp'])
  const thief = visitor(open.server)
  await open.arrive({}, { person: thief })
  await thief.submit('identify', { identifier: member.email!, passkey_support: 'ask' })
  await answer(open, thief, member, { first })
  assert.ok(thief.here().left, pageOf(thief.here()))
  await open.arrive({ acr_values: 'phr' }, { person: thief })
  assert.equal(pageOf(thief.here()), 'totp', 'before one is made')

  const owner = await open.member(['email'])
  const other = visitor(open.server)
  await open.arrive({}, { person: other })
  await other.submit('identify', { identifier: owner.email!, passkey_support: 'ask' })
  await answer(open, other, owner, { first })
  assert.equal(pageOf(other.here()), 'offer-passkey', 'whoever has no app is offered one')
})

test('two messages bring nobody as far as to add a passkey, past the app', async () => {
  const member = await open.member(['email', 'phone', 'totp'])
  const { person } = await open.arrive({ acr_values: 'phr' })
  await answer(open, person, member, { first })
  await answer(open, person, member, { first })
  await person.submit('start/sms-code')
  await answer(open, person, member, { first })
  assert.equal(pageOf(person.here()), 'totp', person.here().text)
})

test('whoever has lost the app changes what there is to change with a code on paper', async () => {
  const member = await open.member(['email'])
  const person = visitor(open.server)
  await open.arrive({}, { person, party: bank! })
  await answer(open, person, member, { first })
  await answer(open, person, member, { first })
  const { backupCodes } = await enrolTotp(person)
  assert.ok(person.here().left)
  await age(open, member, 30)
  leave(open, person)

  await person.open(removal)
  assert.deepEqual((await goAsFarAs(person, 'totp', member)).at(-1), 'email-code')
  const lost = await person.open(`${person.here().url}?lost=1`)
  assert.equal(pageOf(lost), 'lost')
  await person.submit('start/backup-code')
  await person.submit('verify/backup-code', { code: backupCodes[0]! })
  assertAt(person.here(), removal)
  assertAt(await person.submit('remove'), '/account/two-step', /turned off/)
  // And without the app, it is as if there had been none.
  await age(open, member, 30)
  await person.open('/account/profile')
  assert.deepEqual(await goOn(open, person, member, first), ['email-code'])
})

test('a client asks for the app by asking for a sign-in of the last minutes', async () => {
  const member = await open.member(['email', 'totp'])
  const resource = `${open.server.baseUrl}/account/api`
  const asks = { scope: `openid ${api_scopes.join(' ')}`, resource }
  const arrival = await open.arrive(asks, { party: app! })
  const { person } = arrival
  await goThrough(open, person, member, { first })
  const call = (token: string, method: string, path: string) =>
    open.server.fetch(`${resource}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
    })
  const { access_token: weak } = await tokensOf(arrival)
  assert.equal((await call(weak, 'GET', '/me')).status, 200, 'to look, it asks for no more')
  const refused = await call(weak, 'DELETE', '/totp')
  assert.equal(refused.status, 401)
  assert.match(
    refused.headers.get('www-authenticate') ?? '',
    /acr_values="aal1", max_age="300"$/,
    'the app alone is lacking',
  )
  const asked = { ...asks, acr_values: 'aal1', max_age: '300' }
  const quiet = { ...asked, prompt: 'none' }
  const silent = await open.arrive(quiet, { person: person.copy(), party: app! })
  assert.equal(errorOf(silent.person.here()), 'login_required')
  const again = await open.arrive(asked, { person, party: app! })
  assert.deepEqual(await goThrough(open, person, member, { first }), ['totp'])
  const { access_token: strong } = await tokensOf(again)
  assert.equal((await call(strong, 'DELETE', '/totp')).status, 200)
})

/** Answers until this page is there. */
async function goAsFarAs(person: Visitor, page: string, member: Parameters<typeof answer>[2]) {
  const pages: string[] = []
  while (pageOf(person.here()) !== page) {
    pages.push(pageOf(person.here()))
    assert.ok(pages.length < 8, pages.join(' '))
    await answer(open, person, member, { first })
  }
  return pages
}
