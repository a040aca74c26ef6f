import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { accessToken, apiOf, program } from '../admin/api.ts'
import { database, type Member, newMember, startProvider } from '../oidc/provider.ts'
import { inbox } from '../support/inbox.ts'
import { relyingParty } from '../support/relying-party.ts'
import { hearingParty, validate } from './party.ts'

const shop = await hearingParty({ after }, 'shop')
const forum = await hearingParty({ after }, 'forum', { id_token_signed_response_alg: 'ES256' })
const deaf = await relyingParty({ after }, { clientId: 'deaf' })
const server = await startProvider({ after }, [shop, forum, deaf], {
  config: {
    clients: [shop, forum, deaf, { registration: program('ops') }].map(
      ({ registration }) => registration,
    ),
  },
})
const sql = database({ after }, server)
const api = apiOf(server, await accessToken(server, 'ops'))
const seen = new Set<string>()

interface SignedIn {
  member: Member
  sub: string
  /** As the two that listen know the session. */
  shopSid: unknown
  forumSid: unknown
}

/** Somebody in a browser that all three applications know. */
const signIn = async (phone?: string): Promise<SignedIn> => {
  const member = newMember(server, phone)
  const { sub, sid } = (await member.signIn(shop)).claims()!
  const { sid: forumSid } = (await member.signIn(forum)).claims()!
  await member.signIn(deaf)
  return { member, sub, shopSid: sid, forumSid }
}

/** Both have heard of it, in a way that they can believe. */
const bothHear = async ({ sub, shopSid, forumSid }: SignedIn): Promise<void> => {
  const said = await shop.untilEnded(shopSid)
  const claims = await validate(server, said, { clientId: 'shop', alg: 'RS256', seen })
  assert.equal(claims.sub, sub)
  const also = await forum.untilEnded(forumSid)
  const theirs = await validate(server, also, { clientId: 'forum', alg: 'ES256', seen })
  assert.equal(theirs.sub, sub)
}

/** Whether anybody has been told of it, or is going to be. */
const isNews = async ({ shopSid, forumSid }: SignedIn): Promise<boolean> => {
  const rows = await sql('select 1 from logout_deliveries where sid = any($1)', [
    [shopSid, forumSid],
  ])
  return rows.length > 0
}

const everywhere = (form: { names: ReadonlySet<string> }) => form.names.has('everywhere')
const leaving = (form: { names: ReadonlySet<string> }) =>
  form.names.has('logout') && !form.names.has('everywhere')

test('discovery says that clients are told of ended sessions', () => {
  const metadata = shop.config().serverMetadata()
  assert.equal(metadata.backchannel_logout_supported, true)
  assert.equal(metadata.backchannel_logout_session_supported, true)
})

test('signing out tells every application of that session, whichever one asked for it', async () => {
  const stays = await signIn()
  const anna = await signIn()
  const tokens = await anna.member.signIn(shop)
  await anna.member.browser.open(shop.logoutUrl(tokens))
  await bothHear(anna)
  assert.equal(await isNews(stays), false)
})

test('so does a person who signs out on the page that asks', async () => {
  const anna = await signIn()
  await anna.member.browser.open(`${server.issuer}/session/end`)
  await anna.member.browser.submit(leaving)
  await bothHear(anna)
})

test('signing out everywhere tells them of each session, and each of them once', async () => {
  const here = await signIn()
  const there = await signIn(here.member.phone)
  await here.member.browser.open(`${server.issuer}/session/end`)
  await here.member.browser.submit(everywhere)
  await bothHear(here)
  await bothHear(there)
  const [row] = await sql<{ tried: number; count: number }>(
    `select count(*)::int as count, sum(attempts)::int as tried from logout_deliveries
      where account_id = $1`,
    [here.sub],
  )
  assert.deepEqual(row, { count: 4, tried: 4 })
})

test('a session that an admin ends is heard of, and the other one lives on', async () => {
  const first = await signIn()
  const second = await signIn(first.member.phone)
  const { body } = await api.call('GET', `/users/${first.sub}`)
  const ids = body.sessions.map(({ id }: { id: string }) => id)
  assert.equal(ids.length, 2)
  const [older] = await sql<{ uid: string }>(
    `select uid from oidc_sessions where account_id = $1 order by started_at limit 1`,
    [first.sub],
  )
  await api.call('DELETE', `/users/${first.sub}/sessions/${older!.uid}`)
  await bothHear(first)
  assert.equal(await isNews(second), false)
})

for (const [what, act] of [
  ['signs somebody out', (id: string) => api.call('POST', `/users/${id}/sign-out`)],
  ['blocks somebody', (id: string) => api.call('POST', `/users/${id}/block`)],
  ['resets factors', (id: string) => api.call('POST', `/users/${id}/reset-factors`, {})],
  ['deletes somebody', (id: string) => api.call('DELETE', `/users/${id}`)],
] as const) {
  test(`an admin who ${what} has every application told of every session`, async () => {
    const here = await signIn()
    const there = await signIn(here.member.phone)
    assert.ok((await act(here.sub)).status < 300)
    await bothHear(here)
    await bothHear(there)
  })
}

test('when somebody else signs in with the same browser, the session before has ended', async () => {
  const { member, ...anna } = await signIn()
  const { browser } = member
  const request = await shop.authorize({ prompt: 'select_account' })
  await browser.open(request.url)
  await browser.submit('identify', { account: 'other' })
  await browser.submit('identify', { identifier: '+12015550099' })
  const code = await inbox(server).codeFor('+12015550099')
  const { left } = await browser.submit('verify/sms-code', { code })
  const { sub, sid } = (await shop.exchange(request, left!)).claims()!
  assert.notEqual(sub, anna.sub)
  await bothHear({ member, ...anna })
  assert.ok(shop.heard.every(({ claims }) => claims.sid !== sid))
})

test('the twenty-first session ends the first, as signing out there would', async () => {
  const first = await signIn()
  const lasting = await first.member.signIn(shop, { scope: 'openid offline_access' })
  const bound = await first.member.signIn(deaf)
  const rest: SignedIn[] = []
  for (let number = 2; number <= 20; number++) rest.push(await signIn(first.member.phone))
  assert.ok(await deaf.userinfo(bound))
  assert.equal(await isNews(first), false)
  await newMember(server, first.member.phone).signIn(deaf)
  await bothHear(first)
  await assert.rejects(deaf.userinfo(bound))
  const { url } = await shop.authorize({ prompt: 'none' })
  const { left: asked } = await first.member.browser.open(url)
  assert.equal(new URL(asked!).searchParams.get('error'), 'login_required')
  assert.ok(await shop.refresh(lasting), 'what may be used while away outlives it')
  for (const each of rest) assert.equal(await isNews(each), false)
  const left = await sql('select 1 from oidc_sessions where account_id = $1', [first.sub])
  assert.equal(left.length, 20)
  const noted = await sql(
    `select result from audit_events where user_id = $1 and event = 'session.ended'`,
    [first.sub],
  )
  assert.deepEqual(noted, [{ result: 'too_many_sessions' }])
})

test('an application that is disconnected from somebody hears of it alone', async () => {
  const anna = await signIn()
  await api.call('DELETE', `/users/${anna.sub}/clients/shop`)
  await shop.untilEnded(anna.shopSid)
  const rows = await sql<{ client_id: string }>(
    'select client_id from logout_deliveries where account_id = $1',
    [anna.sub],
  )
  assert.deepEqual(rows, [{ client_id: 'shop' }])
})

test('nobody is told of a session whose time was over, nor of one that goes on', async () => {
  const anna = await signIn()
  await anna.member.signIn(shop, { prompt: 'login' })
  await anna.member.signIn(forum, { prompt: 'none' })
  await sql(
    `update oidc_sessions set expires_at = now() - interval '1 second' where account_id = $1`,
    [anna.sub],
  )
  await api.call('POST', `/users/${anna.sub}/sign-out`)
  assert.deepEqual(await sql('select 1 from oidc_sessions where account_id = $1', [anna.sub]), [])
  const rows = await sql('select 1 from logout_deliveries where account_id = $1', [anna.sub])
  assert.deepEqual(rows, [])
})
