import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { openDatabase } from '#src/db/index.ts'
import { describeAgent } from '#src/lib/agent.ts'
import { personAccess } from '#src/oidc/index.ts'
import { visitor } from '../support/http.ts'
import { inbox } from '../support/inbox.ts'
import { type RelyingParty, relyingParty } from '../support/relying-party.ts'
import { database, type Member, newMember, refuses, startProvider } from './provider.ts'

const offline = { scope: 'openid offline_access' }
const names = ['shop', 'forum', 'wiki', 'mail', 'chat', 'files', 'news']
const parties = await Promise.all(names.map((clientId) => relyingParty({ after }, { clientId })))
const [shop, forum] = parties as [RelyingParty, RelyingParty]
const server = await startProvider({ after }, parties)
const sql = database({ after }, server)

/** One request of the same browser, with the cookies that it has now. */
const silently = async ({ browser }: Member, party: RelyingParty, parameters = offline) => {
  const request = await party.authorize(parameters)
  const { left, status } = await browser.copy().open(request.url)
  assert.ok(left, `status ${status}`)
  return party.exchange(request, left)
}

interface SessionRow {
  uid: string
  authorizations: Record<string, { sid: string; grantId: string }>
}
const sessionsOf = (userId: string) =>
  sql<SessionRow>('select uid, authorizations from oidc_sessions where account_id = $1', [userId])

test('sign-ins to many applications at the same moment are all remembered by the session', async () => {
  const anna = newMember(server)
  const { sub } = (await anna.signIn(shop)).claims()!
  const tokens = await Promise.all(parties.slice(1).map((party) => silently(anna, party)))
  const [session, ...others] = await sessionsOf(sub)
  assert.deepEqual(others, [])
  assert.deepEqual(Object.keys(session!.authorizations).sort(), [...names].sort())
  for (const [index, party] of parties.slice(1).entries()) {
    const { sid } = tokens[index]!.claims()!
    assert.equal(session!.authorizations[String(party.registration.client_id)]!.sid, sid)
    assert.ok(await party.refresh(tokens[index]!))
  }
})

test('there is one grant for a session and an application, however often it signs in', async () => {
  const anna = newMember(server)
  const first = await anna.signIn(shop, offline)
  await silently(anna, shop)
  await silently(anna, shop, { scope: 'openid phone offline_access' })
  const { sub } = first.claims()!
  const grants = () => sql('select id from oidc_grants where account_id = $1', [sub])
  assert.equal((await grants()).length, 1)
  const other = newMember(server, anna.phone)
  await other.signIn(shop)
  assert.equal((await grants()).length, 2)
})

test('two first sign-ins of one application at the same moment end together when the person leaves', async () => {
  const anna = newMember(server)
  await anna.signIn(shop)
  const [one, two] = await Promise.all([silently(anna, forum), silently(anna, forum)])
  assert.equal(one!.claims()!.sid, two!.claims()!.sid)
  assert.ok(await forum.refresh(one!))
  assert.ok(await forum.refresh(two!))
  await anna.browser.open(forum.logoutUrl(one!))
  await refuses(forum.refresh(one!), 'invalid_grant')
  await refuses(forum.refresh(two!), 'invalid_grant')
})

test('a session that ended meanwhile is not brought back by a request that was under way', async () => {
  const anna = newMember(server)
  const tokens = await anna.signIn(shop)
  const stale = anna.browser.copy()
  await anna.browser.open(shop.logoutUrl(tokens))
  assert.deepEqual(await sessionsOf(tokens.claims()!.sub), [])
  const request = await shop.authorize({ prompt: 'none' })
  const { left } = await stale.open(request.url)
  assert.equal(new URL(left!).searchParams.get('error'), 'login_required')
  assert.deepEqual(await sessionsOf(tokens.claims()!.sub), [])
})

test('signing in and out at the same moment leaves nobody half signed in', async () => {
  for (let time = 0; time < 5; time++) {
    const anna = newMember(server)
    const tokens = await anna.signIn(shop)
    const request = await forum.authorize(offline)
    const [left, visit] = await Promise.all([
      anna.browser.copy().open(shop.logoutUrl(tokens)),
      anna.browser.copy().open(request.url),
    ])
    assert.ok(left.status < 500 && visit.status < 500, `${left.status} ${visit.status}`)
    assert.deepEqual(await sessionsOf(tokens.claims()!.sub), [])
  }
})

test('the value of the cookie changes when somebody signs in', async () => {
  const anna = newMember(server)
  const value = () => anna.browser.jar.get('avouch_session')
  await anna.browser.open(`${server.issuer}/device`)
  const anonymous = value()
  await anna.signIn(shop)
  const first = value()
  assert.ok(anonymous && first && anonymous !== first)
  const request = await shop.authorize({ prompt: 'login' })
  await anna.browser.open(request.url)
  await anna.prove()
  assert.notEqual(value(), first)
})

test('a value that no session has, or no session any more, is not taken over', async () => {
  const anna = newMember(server)
  const value = () => anna.browser.jar.get('avouch_session')
  await anna.browser.open(`${server.issuer}/device`)
  const planted = value()
  await sql('delete from oidc_sessions')
  await anna.signIn(shop)
  const own = value()
  assert.ok(planted && own)
  assert.notEqual(own, planted)
  const ids = await sql('select 1 from oidc_sessions where id = sha256(convert_to($1, $2))', [
    planted,
    'UTF8',
  ])
  assert.deepEqual(ids, [])
})

test('a session says in which browser it is, from where, since when and until when it was used', async () => {
  const anna = newMember(server)
  const before = Date.now() - 1000
  const { sub } = (await anna.signIn(shop)).claims()!
  const read = async () => {
    const db = await openDatabase({ url: server.databaseUrl!, folder: '' })
    const sessions = await personAccess(db).sessions(sub)
    await db.close()
    return sessions
  }
  const [first] = await read()
  assert.match(first!.agent!, /^Mozilla\/5\.0 .*Firefox/)
  assert.equal(describeAgent(first!.agent!), 'Firefox, Linux')
  assert.match(first!.address!, /127\.0\.0\.1$/)
  assert.ok(first!.startedAt!.getTime() >= before && first!.lastSeenAt!.getTime() >= before)

  await sql(
    `update oidc_sessions set last_seen_at = now() - interval '1 hour',
       started_at = now() - interval '1 hour' where account_id = $1`,
    [sub],
  )
  const request = await forum.authorize(offline)
  await anna.browser.open(request.url, { 'user-agent': 'x'.repeat(5000) })
  const [used] = await read()
  assert.equal(used!.agent, first!.agent, 'as it was at the sign-in')
  assert.ok(used!.lastSeenAt!.getTime() >= before)
  assert.ok(used!.startedAt!.getTime() < before)

  await anna.browser.open((await shop.authorize({ prompt: 'login' })).url)
  const { id } = used!
  await anna.prove()
  const [again] = await read()
  assert.equal(again!.id, id)
  assert.ok(again!.startedAt!.getTime() < before, 'it is the same session')

  const other = visitor(server, { 'user-agent': 'y'.repeat(5000) })
  const { url } = await shop.authorize()
  await other.open(url)
  await other.submit('identify', { identifier: '+12015550098' })
  await other.submit('verify/sms-code', { code: await inbox(server).codeFor('+12015550098') })
  const [long] = await sql<{ agent: string }>(
    `select agent from oidc_sessions where agent like 'y%'`,
  )
  assert.equal(long!.agent.length, 256)
})

test('a cookie that was changed is as good as none', async () => {
  const anna = newMember(server)
  await anna.signIn(shop)
  const { value, name } = anna.browser.jar.all().find((one) => one.name === 'avouch_session')!
  const url = new URL(`${server.issuer}/auth`)
  for (const [changed, signature] of [
    [`${value}x`, anna.browser.jar.get(`${name}.sig`)],
    [value, 'x'.repeat(43)],
    [value, ''],
    ['__proto__', 'x'],
  ]) {
    const { url: asked } = await shop.authorize({ prompt: 'none' })
    url.search = new URL(asked).search
    const answer = await server.fetch(url, {
      headers: { cookie: `${name}=${changed}; ${name}.sig=${signature}` },
    })
    const { searchParams } = new URL(answer.headers.get('location')!)
    assert.equal(searchParams.get('error'), 'login_required')
  }
})

test('cookies can be read by no script, go to no other site, and last as long as the session', async () => {
  const anna = newMember(server)
  await anna.signIn(shop)
  const cookies = anna.browser.jar.all()
  for (const { name, httpOnly, sameSite } of cookies) {
    assert.ok(httpOnly, name)
    assert.equal(sameSite?.toLowerCase(), 'lax', name)
  }
  const session = cookies.find(({ name }) => name === 'avouch_session')!
  const days = (session.expiresAt - Date.now()) / 86_400_000
  assert.ok(days > 13.9 && days < 14.1, `${days} days`)
})

test('a session ends two weeks after its last use, and a month after the sign-in', async () => {
  const anna = newMember(server)
  const { sub } = (await anna.signIn(shop)).claims()!
  await sql(
    `update oidc_sessions set payload = jsonb_set(payload::jsonb, '{loginTs}',
       to_jsonb((payload::jsonb ->> 'loginTs')::int - 29 * 86400))::text where account_id = $1`,
    [sub],
  )
  await anna.signIn(shop, { prompt: 'none' })
  const [row] = await sql<{ days: number }>(
    `select extract(epoch from expires_at - now())::float / 86400 as days
       from oidc_sessions where account_id = $1`,
    [sub],
  )
  assert.ok(row!.days > 0.9 && row!.days <= 1, `${row!.days} days`)
  await sql('update oidc_sessions set expires_at = now() where account_id = $1', [sub])
  const request = await shop.authorize({ prompt: 'none' })
  const { left } = await anna.browser.open(request.url)
  assert.equal(new URL(left!).searchParams.get('error'), 'login_required')
})
