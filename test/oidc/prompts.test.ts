import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Visit } from '../support/http.ts'
import { type RelyingParty, relyingParty } from '../support/relying-party.ts'
import { database, type Member, newMember, startProvider } from './provider.ts'

const shop = await relyingParty({ after })
const page = await relyingParty({ after }, { clientId: 'page', clientSecret: null })
const partner = await relyingParty(
  { after },
  { clientId: 'partner', registration: { first_party: false, client_name: 'Partner' } },
)
const server = await startProvider({ after }, [shop, page, partner])
const sql = database({ after }, server)

const open = async (
  { browser }: Member,
  parameters: Record<string, string>,
  party: RelyingParty = shop,
) => {
  const request = await party.authorize(parameters)
  return { request, visit: await browser.open(request.url) }
}
const errorOf = ({ left }: Visit) => left && new URL(left).searchParams.get('error')
const codeOf = ({ left }: Visit) => left && new URL(left).searchParams.get('code')
const has = ({ forms }: Visit, name: string) => forms.some(({ action }) => action.endsWith(name))

test('prompt=none asks nothing: a code for whoever is signed in, an error otherwise', async () => {
  const anna = newMember(server)
  assert.equal(errorOf((await open(anna, { prompt: 'none' })).visit), 'login_required')
  const first = await anna.signIn(shop)
  const again = await anna.signIn(shop, { prompt: 'none' })
  assert.equal(again.claims()!.sub, first.claims()!.sub)
  assert.equal(again.claims()!.auth_time, first.claims()!.auth_time)
  const { visit } = await open(anna, { prompt: 'none' }, partner)
  assert.equal(errorOf(visit), 'consent_required')
  const impersonated = await open(anna, { prompt: 'none' }, page)
  assert.equal(errorOf(impersonated.visit), 'interaction_required')
  const stepUp = await open(anna, { prompt: 'none', acr_values: 'aal2' })
  assert.equal(errorOf(stepUp.visit), 'unmet_authentication_requirements')
})

test('prompt=login always asks for a new proof, and says so in auth_time', async () => {
  const anna = newMember(server)
  const first = await anna.signIn(shop)
  await sleep(1100)
  const { request, visit } = await open(anna, { prompt: 'login' })
  assert.equal(visit.left, null)
  const done = await anna.prove()
  const second = await shop.exchange(request, done.left!)
  assert.equal(second.claims()!.sub, first.claims()!.sub)
  assert.ok(Number(second.claims()!.auth_time) > Number(first.claims()!.auth_time))
  assert.equal(second.claims()!.sid, first.claims()!.sid)
})

test('prompt=consent of an application of ours asks nothing, of another it asks each time', async () => {
  const anna = newMember(server)
  await anna.signIn(shop)
  const own = await open(anna, { prompt: 'consent' })
  assert.ok(codeOf(own.visit))
  for (let time = 0; time < 2; time++) {
    const { visit } = await open(anna, { prompt: 'consent' }, partner)
    assert.ok(has(visit, '/consent'), `time ${time}`)
    assert.ok(codeOf(await anna.browser.submit('consent', { decision: 'allow' })))
  }
})

test('consent is remembered by person and application, over browsers, and asked for what is new', async () => {
  const anna = newMember(server)
  await open(anna, { scope: 'openid phone' }, partner)
  assert.ok(has(await anna.prove(), '/consent'))
  assert.ok(codeOf(await anna.browser.submit('consent', { decision: 'allow' })))
  assert.ok(codeOf((await open(anna, { scope: 'openid phone' }, partner)).visit))
  const other = newMember(server, anna.phone)
  await open(other, { scope: 'openid phone' }, partner)
  assert.ok(codeOf(await other.prove()))
  const more = await open(other, { scope: 'openid phone profile' }, partner)
  assert.ok(has(more.visit, '/consent'))
  const refused = await other.browser.submit('consent', { decision: 'deny' })
  assert.equal(errorOf(refused), 'access_denied')
  assert.ok(codeOf((await open(other, { scope: 'openid' }, partner)).visit))
})

test('an application on this device that anybody could pretend to be is confirmed each time', async () => {
  const anna = newMember(server)
  await anna.signIn(shop)
  for (let time = 0; time < 2; time++) {
    const { visit } = await open(anna, {}, page)
    assert.ok(has(visit, '/consent'))
    assert.ok(codeOf(await anna.browser.submit('consent', { decision: 'allow' })))
  }
})

test('prompt=select_account offers the account that is signed in, and another', async () => {
  const anna = newMember(server)
  const first = await anna.signIn(shop)
  const { request, visit } = await open(anna, { prompt: 'select_account' })
  assert.equal(visit.left, null)
  const accounts = visit.forms.filter(({ names }) => names.has('account'))
  assert.ok(accounts.length >= 1)
  const values = accounts.flatMap(({ buttons, values }) => [
    ...buttons.map(({ value }) => value),
    values.account,
  ])
  assert.ok(values.includes('other'))
  const stay = values.find((value) => value && value !== 'other')!
  const done = await anna.browser.submit(({ names }) => names.has('account'), { account: stay })
  const again = await shop.exchange(request, done.left!)
  assert.equal(again.claims()!.sub, first.claims()!.sub)
  assert.equal(again.claims()!.auth_time, first.claims()!.auth_time)
})

test('prompt=create begins with a new account', async () => {
  const anna = newMember(server)
  const { request, visit } = await open(anna, { prompt: 'create' })
  assert.ok(has(visit, '/identify'))
  const done = await anna.prove()
  assert.ok((await shop.exchange(request, done.left!)).id_token)
})

test('max_age asks again when the sign-in is older than that', async () => {
  const anna = newMember(server)
  await anna.signIn(shop)
  const young = await anna.signIn(shop, { max_age: '1000' })
  assert.ok(young.claims()!.auth_time)
  await sleep(2100)
  const { request, visit } = await open(anna, { max_age: '1' })
  assert.equal(visit.left, null)
  const done = await anna.prove()
  const fresh = await shop.exchange(request, done.left!)
  assert.ok(Number(fresh.claims()!.auth_time) > Number(young.claims()!.auth_time))
  await sleep(2100)
  const none = await open(anna, { max_age: '1', prompt: 'none' })
  assert.equal(errorOf(none.visit), 'login_required')
  const zero = await open(anna, { max_age: '0' })
  assert.equal(zero.visit.left, null)
})

test('values of acr_values that nobody knows are ignored', async () => {
  const anna = newMember(server)
  for (const acr_values of ['urn:unknown', 'urn:unknown aal1', 'aal1 aal9']) {
    const tokens = await anna.signIn(shop, { acr_values })
    assert.equal(tokens.claims()!.acr, 'aal1')
  }
})

const password = 'a long walk by the quiet river'

/** Sets a password and proves it, which is another kind than the phone. */
const addPassword = async ({ browser }: Member) => {
  const pageOf = browser.here()
  assert.ok(
    pageOf.forms.some(({ names }) => names.has('new_password')),
    pageOf.text,
  )
  const next = await browser.submit('profile', { new_password: password })
  return next.left ? next : browser.submit('verify/password', { password })
}

test('acr_values=aal2 asks only for what is missing, and the ID token tells the truth', async () => {
  const anna = newMember(server)
  const first = await anna.signIn(shop)
  assert.equal(first.claims()!.acr, 'aal1')
  const { request, visit } = await open(anna, { acr_values: 'aal2' })
  assert.equal(has(visit, '/identify'), false)
  const done = await addPassword(anna)
  const second = await shop.exchange(request, done.left!)
  assert.equal(second.claims()!.acr, 'aal2')
  assert.deepEqual(second.claims()!.amr, ['mfa', 'otp', 'pwd', 'sms'])
  assert.equal(
    (await anna.signIn(shop, { acr_values: 'aal2', prompt: 'none' })).claims()!.acr,
    'aal2',
  )

  // Two factors count for an hour without use and for a day, the session for longer.
  await sql(
    `update oidc_sessions set factors = (
    select jsonb_agg(jsonb_set(factor, '{at}', to_jsonb((factor ->> 'at')::bigint - 90000000)))
      from jsonb_array_elements(factors::jsonb) factor)::text where account_id = $1`,
    [second.claims()!.sub],
  )
  const later = await anna.signIn(shop, { prompt: 'none' })
  assert.equal(later.claims()!.acr, 'aal1')
  assert.equal((later.claims()!.amr as string[]).includes('mfa'), false)
  const lapsed = await open(anna, { acr_values: 'aal2', prompt: 'none' })
  assert.equal(errorOf(lapsed.visit), 'unmet_authentication_requirements')
  const voluntary = await open(anna, { acr_values: 'aal2' })
  assert.equal(voluntary.visit.left, null)
  await anna.prove()
  const both = await anna.browser.submit('verify/password', { password })
  const third = await shop.exchange(voluntary.request, both.left!)
  assert.equal(third.claims()!.acr, 'aal2')
})

test('what nobody can reach here is answered with unmet_authentication_requirements', async () => {
  const anna = newMember(server)
  await anna.signIn(shop)
  const essential = JSON.stringify({ id_token: { acr: { essential: true, value: 'phr' } } })
  const { visit } = await open(anna, { claims: essential })
  assert.match(visit.text, /Create a passkey/, 'whoever has none may make one')
  assert.equal(
    errorOf(await anna.browser.post(`${visit.url}/skip`, { decision: 'unable' })),
    'unmet_authentication_requirements',
  )
  assert.equal(
    errorOf((await open(anna, { claims: essential, prompt: 'none' })).visit),
    'unmet_authentication_requirements',
  )
  const unknown = JSON.stringify({ id_token: { acr: { essential: true, values: ['urn:x'] } } })
  assert.equal(
    errorOf((await open(anna, { claims: unknown })).visit),
    'unmet_authentication_requirements',
  )
  const voluntary = JSON.stringify({ id_token: { acr: { values: ['urn:x'] } } })
  assert.ok(codeOf((await open(anna, { claims: voluntary })).visit))
})

test('an essential acr is asked for like acr_values', async () => {
  const anna = newMember(server)
  const claims = JSON.stringify({ id_token: { acr: { essential: true, values: ['aal2'] } } })
  const { request } = await open(anna, { claims })
  await anna.prove()
  const done = await addPassword(anna)
  assert.equal((await shop.exchange(request, done.left!)).claims()!.acr, 'aal2')
})

test('single claims can be asked for, in the ID token or in userinfo', async () => {
  const anna = newMember(server)
  const claims = JSON.stringify({
    id_token: { phone_number: null, auth_time: { essential: true } },
    userinfo: { phone_number_verified: null },
  })
  const tokens = await anna.signIn(shop, { claims })
  assert.equal(tokens.claims()!.phone_number, anna.phone)
  assert.equal('phone_number_verified' in tokens.claims()!, false)
  const info = await shop.userinfo(tokens)
  assert.equal(info.phone_number_verified, true)
  assert.equal('phone_number' in info, false)
  const asked = await open(anna, { claims }, partner)
  assert.ok(has(asked.visit, '/consent'))
})

test('a request about somebody else than who is signed in is not answered with who is', async () => {
  const anna = newMember(server)
  const bens = await newMember(server).signIn(shop)
  await anna.signIn(shop)
  const hinted = await open(anna, { id_token_hint: bens.id_token!, prompt: 'none' })
  assert.equal(errorOf(hinted.visit), 'login_required')
  const claims = JSON.stringify({ id_token: { sub: { value: bens.claims()!.sub } } })
  const claimed = await open(anna, { claims, prompt: 'none' })
  assert.equal(errorOf(claimed.visit), 'login_required')
  const asked = await open(anna, { id_token_hint: bens.id_token! })
  assert.ok(has(asked.visit, '/identify'))
  assert.equal(errorOf(await anna.prove()), 'login_required')
})

test('whoever is blocked while signed in gets nothing more, and no fault of ours', async () => {
  const anna = newMember(server)
  const tokens = await anna.signIn(shop)
  await sql('update users set blocked_at = now() where id = $1', [tokens.claims()!.sub])
  const silent = await open(anna, { prompt: 'none' })
  assert.equal(codeOf(silent.visit), null)
  assert.equal(errorOf(silent.visit), 'login_required')
  const { visit } = await open(anna, {})
  assert.ok(has(visit, '/identify'), `${visit.status} ${visit.text}`)
  const refused = await anna.prove()
  assert.equal(refused.left, null)
  assert.equal(refused.status, 403)
})

test('after an account is gone, somebody else can sign in with the same browser', async () => {
  const anna = newMember(server)
  const first = await anna.signIn(shop)
  await sql('delete from users where id = $1', [first.claims()!.sub])
  assert.equal(errorOf((await open(anna, { prompt: 'none' })).visit), 'login_required')
  const { request, visit } = await open(anna, {})
  assert.ok(has(visit, '/identify'), `${visit.status} ${visit.text}`)
  const done = await anna.prove()
  const second = await shop.exchange(request, done.left!)
  assert.notEqual(second.claims()!.sub, first.claims()!.sub)
})

test('login_hint fills the field in, and ui_locales draws the page in that language', async () => {
  const { visit } = await open(newMember(server), {
    login_hint: 'anna@example.com',
    ui_locales: 'xx de',
  })
  const form = visit.forms.find(({ action }) => action.endsWith('/identify'))
  assert.equal(form?.values.identifier, 'anna@example.com')
  assert.match(visit.html, /<html[^>]* lang="de"/)
})
