/** What ends on one process has ended on the other, by the time that whoever ended it is answered. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { accessToken, apiOf, program } from '../admin/api.ts'
import { goodPassword } from '../flows/people.ts'
import { ask, basic, database, newMember, quick, refuses } from '../oidc/provider.ts'
import { type Visitor, visitor } from '../support/http.ts'
import { inbox } from '../support/inbox.ts'
import { relyingParty } from '../support/relying-party.ts'
import { startServers } from '../support/several-servers.ts'

const api = 'https://api.shop.example'
const shop = await relyingParty(
  { after },
  { registration: { api_scopes: ['orders:read', 'account:read'] } },
)
const servers = await startServers({ after }, 2, {
  config: {
    ...quick,
    clients: [shop.registration, program('ops')],
    resources: [{ indicator: api, scopes: ['orders:read'], access_token_ttl: 900 }],
    sign_in_experience: { methods: ['sms-code', 'password'], profile: [] },
  },
})
const sql = database({ after }, servers)
/** Here things are ended, and there people are. */
const [here, there] = servers.servers.map(({ fetch }) => ({ ...servers, fetch }))
await shop.discover(there!)
const admin = apiOf(here!, await accessToken(here!, 'ops'))
const messages = inbox(servers)
const scope = 'openid offline_access'
const accounts = `${servers.baseUrl}/account/api`

const silently = async (browser: Visitor): Promise<string | null> => {
  const { url } = await shop.authorize({ prompt: 'none' })
  const { left } = await browser.copy().open(url)
  return new URL(left!).searchParams.get('error')
}

/** Whether the pages of somebody's account are drawn in this browser. */
const seesAccount = async (browser: Visitor): Promise<boolean> => {
  const { url, status } = await browser.copy().open('/account')
  return status === 200 && new URL(url).pathname === '/account'
}

/** What the API of accounts answers to whoever reads about themselves. */
const readsAccount = async (token: string): Promise<number> => {
  const answer = await there!.fetch(`${accounts}/me`, {
    headers: { authorization: `Bearer ${token}` },
  })
  return answer.status
}

/** Somebody who is in on the other process, which has just seen that all of it works. */
const whoIsIn = async (phone?: string) => {
  const member = newMember(there!, phone)
  const tokens = await member.signIn(shop, { scope })
  const refreshed = await shop.refresh(tokens)
  const bearer = { ...tokens, ...refreshed }
  const own = await member.signIn(shop, { scope: 'openid account:read', resource: accounts })
  const code = await member.authorize(shop, { scope })
  assert.equal((await shop.introspect(bearer.access_token)).active, true)
  assert.equal((await shop.introspect(bearer.refresh_token!)).active, true)
  assert.ok((await shop.userinfo(tokens)).sub)
  assert.equal(await silently(member.browser), null)
  await member.browser.open('/account')
  assert.equal(await seesAccount(member.browser), true)
  assert.equal(await readsAccount(own.access_token), 200)
  return { member, sub: tokens.claims()!.sub, tokens: bearer, own: own.access_token, code }
}

type Somebody = Awaited<ReturnType<typeof whoIsIn>>

const isOut = async ({ member, tokens, own, code }: Somebody): Promise<void> => {
  await refuses(shop.refresh(tokens), 'invalid_grant')
  assert.equal((await shop.introspect(tokens.access_token)).active, false)
  assert.equal((await shop.introspect(tokens.refresh_token!)).active, false)
  const info = await there!.fetch(`${servers.issuer}/me`, {
    headers: { authorization: `Bearer ${tokens.access_token}` },
  })
  assert.equal(info.status, 401)
  assert.equal(await readsAccount(own), 401)
  assert.equal(await seesAccount(member.browser), false)
  assert.equal(await silently(member.browser), 'login_required')
  await refuses(shop.exchange(code.request, code.url), 'invalid_grant')
}

const acts: Record<string, (somebody: Somebody) => Promise<unknown>> = {
  'an admin blocks them': ({ sub }) => admin.call('POST', `/users/${sub}/block`),
  'an admin deletes them': ({ sub }) => admin.call('DELETE', `/users/${sub}`),
  'an admin signs them out': ({ sub }) => admin.call('POST', `/users/${sub}/sign-out`),
  'an admin resets their factors': ({ sub }) =>
    admin.call('POST', `/users/${sub}/reset-factors`, {}),
  'an admin gives them another password': ({ sub }) =>
    admin.call('PUT', `/users/${sub}/password`, { password: goodPassword }),
  'an admin ends the session': async ({ sub }) => {
    const { body } = await admin.call('GET', `/users/${sub}`)
    assert.equal(body.sessions.length, 1)
    return admin.call('DELETE', `/users/${sub}/sessions/${body.sessions[0].id}`)
  },
  'they sign out everywhere in another browser': async ({ member }) => {
    const other = newMember(here!, member.phone)
    await other.authorize(shop)
    await other.browser.open(`${servers.issuer}/session/end`)
    await other.browser.submit(({ names }) => names.has('everywhere'))
  },
  'they reset a forgotten password in another browser': async ({ sub, member }) => {
    const { phone } = member
    const before = new Date()
    const person = visitor(here!)
    const { url } = await shop.authorize()
    await person.open(url)
    await person.submit('identify', { identifier: phone })
    await person.submit('start/password')
    await person.open(/href="([^"]+\?mode=reset)"/.exec(person.here().html)![1]!)
    await person.submit('identify', { identifier: phone })
    const { code } = await messages.messageFor(phone, before, 'ForgotPassword')
    await person.submit('verify/sms-code', { code: code! })
    await person.submit('profile', { new_password: goodPassword })
    const noted = await sql(
      `select 1 from audit_events where event = 'password.reset' and user_id = $1`,
      [sub],
    )
    assert.equal(noted.length, 1, person.here().text)
  },
}

for (const [what, act] of Object.entries(acts)) {
  test(`when ${what}, nothing of theirs works on the other process`, async () => {
    const somebody = await whoIsIn()
    await act(somebody)
    await isOut(somebody)
  })
}

test('when one session of somebody is ended, the other works on', async () => {
  const first = await whoIsIn()
  const second = await whoIsIn(first.member.phone)
  const [{ uid }] = (await sql<{ uid: string }>(
    'select uid from oidc_sessions where account_id = $1 order by started_at limit 1',
    [first.sub],
  )) as [{ uid: string }]
  await admin.call('DELETE', `/users/${first.sub}/sessions/${uid}`)
  await isOut(first)
  assert.equal(await silently(second.member.browser), null)
  assert.equal(await seesAccount(second.member.browser), true)
  assert.equal(await readsAccount(second.own), 200)
  assert.ok(await shop.refresh(second.tokens))
})

test('what a blocked person had begun elsewhere comes to nothing', async () => {
  const { member, sub } = await whoIsIn()
  const second = newMember(there!, member.phone)
  const { url } = await shop.authorize()
  await second.browser.open(url)
  await second.browser.submit('identify', { identifier: member.phone })
  await admin.call('POST', `/users/${sub}/block`)
  const { left, status } = await second.prove()
  assert.equal(left, null)
  assert.equal(status, 403)
})

test('a token that an API reads by itself is not asked about here, and renewed no more', async () => {
  const member = newMember(there!)
  const tokens = await member.signIn(shop, { scope: `${scope} orders:read`, resource: api })
  assert.equal(tokens.access_token.split('.').length, 3)
  const sub = tokens.claims()!.sub
  await admin.call('POST', `/users/${sub}/block`)
  const asked = await ask(
    there!,
    'token/introspection',
    { token: tokens.access_token },
    basic('shop', String(shop.registration.client_secret)),
  )
  assert.deepEqual([asked.status, asked.body.error], [400, 'unsupported_token_type'])
  await refuses(shop.refresh(tokens, { resource: api }), 'invalid_grant')
})
