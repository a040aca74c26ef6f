import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { tokensOf } from '../flows/site.ts'
import { goThrough, type Member, openMembers, pageOf } from '../second-factor/member.ts'
import type { Visitor } from '../support/http.ts'
import { age, goOn, hasApp } from './members.ts'
import { assertAt } from './site.ts'

const api_scopes = ['account:read', 'account:write']
const site = await openMembers(
  { after },
  { sign_in_experience: { methods: ['password', 'email-code', 'sms-code', 'passkey'] } },
  [{ clientId: 'app', registration: { api_scopes } }],
)
const { baseUrl } = site.server
const [, app] = site.parties as [typeof site.shop, typeof site.shop]
const resource = `${baseUrl}/account/api`
const byEmail = { claims: JSON.stringify({ id_token: { amr: { value: 'email' } } }) }

/** Whoever has the mailbox too proves it, as any application may ask for. */
const renewByEmail = async (person: Visitor, member: Member): Promise<void> => {
  await site.arrive({ ...byEmail, max_age: '300' }, { person })
  assert.deepEqual(await goThrough(site, person, member, { first: 'email-code' }), ['email-code'])
}

/** The address that the pages of the account send a browser to, with something added to it. */
const changedRequest = (to: string, more: Record<string, string>): string =>
  `/oidc/auth?${new URLSearchParams({
    client_id: 'avouch-account',
    response_type: 'code',
    scope: 'openid',
    redirect_uri: `${baseUrl}/account/signed-in`,
    state: to,
    code_challenge: 'x'.repeat(43),
    code_challenge_method: 'S256',
    ...more,
  })}`

test('a session by passkey that was left open is not renewed for changes by the mailbox alone', async () => {
  const member = await site.member(['email', 'passkey'])
  const { person } = await site.arrive()
  await goThrough(site, person, member, { first: 'passkey' })
  assertAt(await person.open('/account/passkeys/new'), '/account/passkeys/new')
  await age(site, member, 30)
  await renewByEmail(person, member)
  await person.open('/account/passkeys/new')
  assert.equal(pageOf(person.here()), 'passkey', person.here().url)
  // Its owner gets through, and is asked once.
  assert.deepEqual(await goOn(site, person, member, 'passkey'), ['passkey'])
  assertAt(person.here(), '/account/passkeys/new')
})

test('a session by password and app is not renewed by a code that is asked for in the address', async () => {
  const member = await site.member(['email', 'password', 'totp'])
  const { person } = await site.arrive()
  await goThrough(site, person, member, { first: 'password' })
  await age(site, member, 30)
  const page = '/account/two-step/totp/remove'
  const aal2 = { max_age: '300', acr_values: 'aal2' }
  await person.open(changedRequest(page, { ...aal2, ...byEmail }))
  await person.submit('verify/email-code', { code: await site.mail.codeFor(member.email!) })
  assert.match(person.here().url, /\/interaction\//)
  await person.post(page, {})
  assert.match(person.here().url, /\/interaction\//, 'by no form that was kept either')
  assert.ok(await hasApp(site, member))

  const pages = await goOn(site, person, member, 'password')
  assert.deepEqual(pages, ['password', 'totp'], 'its owner proves both, and no more')
  assertAt(person.here(), page)
  assertAt(await person.submit('remove'), '/account/two-step', /turned off/)
})

test('whoever signs in with everything is not asked again for five minutes, and then for all of it', async () => {
  const member = await site.member(['email', 'password', 'totp'])
  const { person } = await site.arrive()
  await goThrough(site, person, member, { first: 'password' })
  for (const page of ['profile', 'password', 'two-step/totp/remove']) {
    assertAt(await person.open(`/account/${page}`), `/account/${page}`)
  }
  await age(site, member, 6)
  await person.open('/account/profile')
  assert.deepEqual(await goOn(site, person, member, 'password'), ['password', 'totp'])
  assertAt(await person.submit('profile', { name: 'Mia' }), '/account/profile', /saved/)
})

test('whoever has just proven one of two is asked for the other alone', async () => {
  const member = await site.member(['email', 'password', 'totp'])
  const { person } = await site.arrive({}, {})
  await goThrough(site, person, member, { first: 'email-code' })
  await person.open('/account/profile')
  assert.deepEqual(await goOn(site, person, member, 'email-code'), ['password'])
  assertAt(person.here(), '/account/profile')
})

test('a client is told to ask for everything anew, and what comes back is enough', async () => {
  const member = await site.member(['email', 'password', 'totp'])
  const asks = { scope: `openid ${api_scopes.join(' ')}`, resource }
  const tokenFor = async (person: Visitor, more: Record<string, string>, pages: string[]) => {
    const arrival = await site.arrive({ ...asks, ...more }, { person, party: app })
    assert.deepEqual(await goThrough(site, person, member, { first: 'password' }), pages)
    return (await tokensOf(arrival)).access_token
  }
  const rename = (token: string) =>
    site.server.fetch(`${resource}/me`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: '{"name":"Mallory"}',
    })
  const { person } = await site.arrive()
  await goThrough(site, person, member, { first: 'password' })
  assert.equal((await rename(await tokenFor(person, {}, []))).status, 200)
  await age(site, member, 30)
  await renewByEmail(person, member)

  const renewed = await tokenFor(person, {}, [])
  const refused = await rename(renewed)
  assert.equal(refused.status, 401)
  const told = refused.headers.get('www-authenticate') ?? ''
  assert.match(told, /acr_values="aal2", max_age="0"$/)
  const fresh = await tokenFor(person, { acr_values: 'aal2', max_age: '0' }, ['password', 'totp'])
  assert.equal((await rename(fresh)).status, 200)
  const old = await rename(renewed)
  assert.equal(old.status, 200, 'of the same session, and as strong')

  await age(site, member, 6)
  const last = await rename(fresh)
  assert.match(last.headers.get('www-authenticate') ?? '', /max_age="0"$/)
})
