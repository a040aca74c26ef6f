import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import * as client from 'openid-client'
import { type RelyingParty, relyingParty, type Tokens } from '../support/relying-party.ts'
import { ask, basic, database, newMember, passSeconds, refuses, startProvider } from './provider.ts'

const secret = 'a-client-secret-for-tests-only-and-nothing-else'
const offline = { scope: 'openid offline_access' }
const day = 86_400

const shop = await relyingParty({ after })
const page = await relyingParty({ after }, { clientId: 'page', clientSecret: null })
const partner = await relyingParty(
  { after },
  { clientId: 'partner', registration: { first_party: false, client_name: 'Partner' } },
)
const server = await startProvider({ after }, [shop, page, partner])
const sql = database({ after }, server)

const works = async (party: RelyingParty, tokens: Tokens) =>
  (await server
    .fetch(`${server.issuer}/me`, {
      headers: { authorization: `Bearer ${tokens.access_token}` },
    })
    .then(({ status }) => status)) === 200 && (await party.introspect(tokens.access_token)).active

/** A public client on loopback is confirmed by its person each time. */
const signInToPage = async (
  anna = newMember(server),
  parameters = offline as Record<string, string>,
) => {
  const request = await page.authorize(parameters)
  const first = await anna.browser.open(request.url)
  const proven = first.forms.some(({ action }) => action.endsWith('/consent'))
    ? first
    : await anna.prove()
  const done = proven.left ? proven : await anna.browser.submit('consent', { decision: 'allow' })
  return page.exchange(request, done.left!)
}

test('the refresh token of an application with a secret stays for most of its life', async () => {
  const tokens = await newMember(server).signIn(shop, offline)
  for (let time = 0; time < 3; time++) {
    const next = await shop.refresh(tokens)
    assert.equal(next.refresh_token, tokens.refresh_token)
    assert.equal(next.claims()!.sub, tokens.claims()!.sub)
    assert.equal(next.claims()!.auth_time, tokens.claims()!.auth_time)
    assert.ok(await works(shop, next))
  }
})

/** Lets a refresh token be older than it is. */
const age = (seconds: number) =>
  sql(
    `update oidc_tokens set payload = jsonb_set(jsonb_set(payload::jsonb,
       '{iat}', to_jsonb((payload::jsonb ->> 'iat')::int - $1::int)),
       '{iiat}', to_jsonb((payload::jsonb ->> 'iiat')::int - $1::int))::text
      where kind = 'RefreshToken' and consumed_at is null`,
    [seconds],
  )
const ageExpiry = (seconds: number) =>
  sql(
    `update oidc_tokens set expires_at = expires_at - make_interval(secs => $1),
       payload = jsonb_set(payload::jsonb,
         '{exp}', to_jsonb((payload::jsonb ->> 'exp')::int - $1::int))::text
      where kind = 'RefreshToken' and consumed_at is null`,
    [seconds],
  )

test('it is renewed late in its life, and the old one is spent then', async () => {
  const tokens = await newMember(server).signIn(shop, offline)
  await age(10 * day)
  await ageExpiry(10 * day)
  const next = await shop.refresh(tokens)
  assert.notEqual(next.refresh_token, tokens.refresh_token)
  await refuses(shop.refresh(tokens), 'invalid_grant')
  assert.ok(await shop.refresh(next))
})

test('a refresh token that nobody uses for two weeks is dead', async () => {
  const tokens = await newMember(server).signIn(shop, offline)
  await ageExpiry(14 * day + 60)
  await refuses(shop.refresh(tokens), 'invalid_grant')
})

test('the refresh token of a public application changes at every use', async () => {
  let tokens = await signInToPage()
  const seen = new Set([tokens.refresh_token])
  for (let time = 0; time < 3; time++) {
    tokens = await page.refresh(tokens)
    seen.add(tokens.refresh_token)
  }
  assert.equal(seen.size, 4)
  assert.ok(await works(page, tokens))
})

test('however often it is renewed, it ends ninety days after the sign-in', async () => {
  const anna = newMember(server)
  let tokens = await signInToPage(anna)
  await age(85 * day)
  tokens = await page.refresh(tokens)
  const { exp } = (await page.introspect(tokens.refresh_token!)) as { exp: number }
  const left = exp - Date.now() / 1000
  assert.ok(left > 4.9 * day && left <= 5 * day, `${left / day} days are left`)
})

test('a rotated token that comes again within ten seconds is refused, and harms nobody', async () => {
  const first = await signInToPage()
  const second = await page.refresh(first)
  await refuses(page.refresh(first), 'invalid_grant')
  await passSeconds(sql, 5)
  await refuses(page.refresh(first), 'invalid_grant')
  assert.ok(await works(page, second))
  assert.ok(await page.refresh(second))
})

test('a rotated token that comes again later ends the whole grant, and no other', async () => {
  const anna = newMember(server)
  const first = await signInToPage(anna)
  const second = await page.refresh(first)
  const elsewhere = await signInToPage(newMember(server))
  const shops = await anna.signIn(shop, offline)
  await passSeconds(sql, 11)
  await refuses(page.refresh(first), 'invalid_grant')
  await refuses(page.refresh(second), 'invalid_grant')
  assert.equal(await works(page, second), false)
  assert.ok(await works(page, elsewhere))
  assert.ok(await works(shop, shops))
})

test('a code that comes again within ten seconds is refused, and its tokens live', async () => {
  const { request, url } = await newMember(server).authorize(shop, offline)
  const tokens = await shop.exchange(request, url)
  await refuses(shop.exchange(request, url), 'invalid_grant')
  assert.ok(await works(shop, tokens))
  assert.ok(await shop.refresh(tokens))
})

test('a code that comes again later ends every token that came of it', async () => {
  const { request, url } = await newMember(server).authorize(shop, offline)
  const tokens = await shop.exchange(request, url)
  await passSeconds(sql, 11)
  await refuses(shop.exchange(request, url), 'invalid_grant')
  assert.equal(await works(shop, tokens), false)
  await refuses(shop.refresh(tokens), 'invalid_grant')
})

test('a code that was not redeemed within a minute is dead', async () => {
  const { request, url } = await newMember(server).authorize(shop)
  await sql(`update oidc_tokens set expires_at = expires_at - interval '61 seconds'
              where kind = 'AuthorizationCode' and consumed_at is null`)
  await refuses(shop.exchange(request, url), 'invalid_grant')
})

test('one application cannot use the refresh token of another', async () => {
  const tokens = await newMember(server).signIn(shop, offline)
  const fields = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token! }
  const theirs = await ask(server, 'token', fields, basic('partner', secret))
  assert.equal(theirs.body.error, 'invalid_grant')
  const anyone = await ask(server, 'token', { ...fields, client_id: 'page' })
  assert.equal(anyone.body.error, 'invalid_grant')
  assert.ok(await shop.refresh(tokens))
})

test('refreshing can narrow the scope, and never widen it', async () => {
  const tokens = await newMember(server).signIn(shop, { scope: 'openid phone offline_access' })
  const less = await shop.refresh(tokens, { scope: 'openid' })
  assert.equal(less.scope, 'openid')
  assert.equal('phone_number' in less.claims()!, false)
  await refuses(shop.refresh(tokens, { scope: 'openid profile' }), 'invalid_scope')
  assert.equal((await shop.refresh(tokens)).scope, 'openid phone offline_access')
})

test('an application of our own gets a refresh token for offline_access without asking', async () => {
  const anna = newMember(server)
  assert.equal((await anna.signIn(shop)).refresh_token, undefined)
  assert.ok((await anna.signIn(shop, offline)).refresh_token, 'silently')
  const pushed = await shop.push(offline)
  const visit = await anna.browser.open(pushed.url)
  assert.ok((await shop.exchange(pushed, visit.left!)).refresh_token, 'through a pushed request')
  const none = await anna.signIn(shop, { ...offline, prompt: 'none' })
  assert.ok(none.refresh_token, 'with prompt=none')
  const newcomer = newMember(server)
  const first = await shop.push(offline)
  await newcomer.browser.open(first.url)
  const done = await newcomer.prove()
  assert.ok((await shop.exchange(first, done.left!)).refresh_token, 'pushed, then signed in')
})

test('an application of others gets one only if the person has allowed it', async () => {
  const anna = newMember(server)
  const without = await partner.authorize(offline)
  await anna.browser.open(without.url)
  await anna.prove()
  const done = await anna.browser.submit('consent', { decision: 'allow' })
  const tokens = await partner.exchange(without, done.left!)
  assert.equal(tokens.refresh_token, undefined)
  assert.doesNotMatch(tokens.scope ?? '', /offline_access/)

  const asking = await partner.authorize({ ...offline, prompt: 'consent' })
  await anna.browser.open(asking.url)
  const allowed = await anna.browser.submit('consent', { decision: 'allow' })
  const kept = await partner.exchange(asking, allowed.left!)
  assert.ok(kept.refresh_token)
  assert.ok(await client.refreshTokenGrant(partner.config(), kept.refresh_token))

  const again = await partner.authorize({ ...offline, prompt: 'consent' })
  await anna.browser.open(again.url)
  const denied = await anna.browser.submit('consent', { decision: 'deny' })
  assert.equal(new URL(denied.left!).searchParams.get('error'), 'access_denied')
})

test('whoever is blocked gets no new tokens', async () => {
  const anna = newMember(server)
  const tokens = await anna.signIn(shop, offline)
  await sql('update users set blocked_at = now() where id = $1', [tokens.claims()!.sub])
  await refuses(shop.refresh(tokens), 'invalid_grant')
  assert.equal(await works(shop, tokens), false)
})
