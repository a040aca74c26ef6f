import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { headingOf } from '../flows/site.ts'
import { relyingParty } from '../support/relying-party.ts'
import { startServer } from '../support/server.ts'
import { assertAt, connect, follow, goodPassword, openAccounts } from './site.ts'

const shop = await relyingParty({ after })
const photos = await relyingParty(
  { after },
  { clientId: 'photos', registration: { client_name: 'Photos', first_party: false } },
)
const accounts = await openAccounts(
  { after },
  { config: { clients: [shop.registration, photos.registration] } },
)
const { server } = accounts
await shop.discover(server)
await photos.discover(server)
const pool = connect({ after }, accounts)

const events = async (email: string): Promise<string[]> => {
  const { rows } = await pool.query<{ event: string }>(
    `select event from audit_events where user_id = (
       select user_id from identifiers where value = $1) order by id`,
    [email],
  )
  return rows.map(({ event }) => event)
}

test('a person sees where they are signed in, and signs one of them out', async () => {
  const email = 'olga@example.com'
  const here = await accounts.enter(email)
  const there = await accounts.comeBack(email)
  const list = await here.open('/account/sessions')
  assert.match(list.text, /This browser/)
  await follow(here, /sessions\/[\w-]+\/end$/)
  assertAt(await here.submit('end'), '/account/sessions', /signed out/)
  assert.match((await there.open('/account')).url, /\/interaction\//)
  assertAt(await here.open('/account'), '/account')
  assert.ok((await events(email)).includes('session.ended'))
})

test('a new password signs out everywhere else, unless one says otherwise', async () => {
  const email = 'petra@example.com'
  const here = await accounts.enter(email)
  const there = await accounts.comeBack(email)
  await here.open('/account/password')
  await here.submit('password', { new_password: goodPassword, sign_out: [] })
  assertAt(await there.open('/account'), '/account')
  await here.open('/account/password')
  assert.match(here.here().html, /name="sign_out" value="on" checked/)
  await here.submit('password', { new_password: `${goodPassword} again` })
  assert.match((await there.open('/account')).url, /\/interaction\//)
  assertAt(await here.open('/account'), '/account')
  const found = await events(email)
  assert.ok(found.includes('password.set') && found.includes('password.changed'))
})

test('whoever says that it was somebody else is alone in their account afterwards', async () => {
  const email = 'quirin@example.com'
  const thief = await accounts.enter(email)
  const owner = await accounts.comeBack(email, '/account/activity')
  await follow(owner, /activity\/\d+\/not-me/)
  assert.equal(headingOf(owner.here()), 'Somebody else did this?')
  const safe = await owner.submit('not-me')
  assertAt(safe, '/account/secure', /Everybody else is signed out/)
  assert.match((await thief.open('/account')).url, /\/interaction\//)
  assert.ok((await events(email)).includes('activity.disputed'))
  await follow(owner, /two-step/)
  assertAt(owner.here(), '/account/two-step')
})

test('nobody reads or disputes what happened to others', async () => {
  const one = await accounts.enter('rita@example.com')
  await accounts.enter('sara@example.com')
  const { rows } = await pool.query<{ id: string }>(
    `select id from audit_events where user_id = (
       select user_id from identifiers where value = 'sara@example.com') limit 1`,
  )
  assert.equal((await one.open(`/account/activity/${rows[0]!.id}/not-me`)).status, 404)
  assert.doesNotMatch((await one.open('/account/activity')).text, /sara@/)
})

test('an application that is disconnected has to ask again', async () => {
  const email = 'tina@example.com'
  const person = await accounts.enter(email)
  const request = await photos.authorize({
    scope: 'openid profile offline_access',
    prompt: 'consent',
  })
  await person.open(request.url)
  const arrived = await person.submit('consent', { decision: 'allow' })
  const tokens = await photos.exchange(request, arrived.left!)
  assert.match((await person.open('/account/apps')).text, /Photos.*See your name/)
  await follow(person, /apps\/photos\/remove/)
  assertAt(await person.submit('remove'), '/account/apps', /No application is connected/)
  await assert.rejects(photos.refresh(tokens), { error: 'invalid_grant' })
  const again = await photos.authorize({ scope: 'openid profile' })
  assert.equal(headingOf(await person.open(again.url)), 'Allow Photos to use your account?')
})

test('an application that is registered gets its person back, and no other address does', async () => {
  const person = await accounts.enter('ulla@example.com')
  const link = (href: string, client = 'shop') =>
    `/account/methods?${new URLSearchParams({ return_to: href, client_id: client })}`
  const same = new URL('/settings?tab=1', shop.redirectUri).href
  for (const href of [shop.redirectUri, shop.signedOutUri, same]) {
    const visit = await person.open(link(href))
    assertAt(visit, '/account/methods', /Back to Shop/)
    assert.ok(visit.html.includes(`href="${href.replaceAll('&', '&amp;')}"`))
    assert.doesNotMatch(visit.url, /return_to/)
  }
  assert.match((await person.open('/account/password')).text, /Back to Shop/, 'also after a while')
  for (const [href, client] of [
    ['https://evil.example/', 'shop'],
    [shop.redirectUri, 'nobody'],
    [photos.redirectUri, 'shop'],
    ['javascript:alert(1)', 'shop'],
    [`${new URL(shop.redirectUri).origin}.evil.example/`, 'shop'],
    [shop.redirectUri.replace('://', '://a@'), 'shop'],
    ['', 'shop'],
  ] as const) {
    const refused = await person.open(link(href, client))
    assert.equal(refused.status, 400, href)
    assert.match(refused.text, /has not registered/)
    assert.doesNotMatch(refused.html, /href="[^"]*evil\.example/)
  }
})

test('whoever has been blocked on one process is out of their account on the other, within a second', async (t) => {
  const other = await startServer(t, {
    databaseUrl: server.databaseUrl!,
    baseUrl: server.baseUrl,
    config: { clients: [shop.registration, photos.registration] },
  })
  const email = 'vera@example.com'
  const person = await accounts.enter(email)
  assertAt(await person.open('/account'), '/account')
  await pool.query(
    `update users set blocked_at = now() where id = (
       select user_id from identifiers where value = $1)`,
    [email],
  )
  for (const at of [server, other]) {
    const answer = await at.fetch(`${server.baseUrl}/account`, {
      headers: { cookie: person.jar.header(new URL(server.baseUrl)), accept: 'text/html' },
    })
    assert.equal(answer.status, 303)
    assert.match(answer.headers.get('location') ?? '', /^\/oidc\/auth\?/)
  }
})

test('an account that is to be deleted is kept by whoever signs in again', async () => {
  const email = 'walter@example.com'
  const person = await accounts.enter(email, '/account/delete')
  const other = await accounts.comeBack(email)
  assert.match(person.here().text, /After 14 days your account is deleted for good/)
  const gone = await person.submit('delete')
  assertAt(gone, '/account/deleted', /signed out everywhere.*within 14 days/)
  for (const each of [person, other]) {
    assert.match((await each.open('/account')).url, /\/interaction\//)
  }
  const leaving = () =>
    pool.query(
      `select 1 from users where delete_at is not null and id = (
         select user_id from identifiers where value = $1)`,
      [email],
    )
  assert.equal((await leaving()).rowCount, 1)
  const back = await accounts.comeBack(email)
  assertAt(await back.open('/account/deleted'), '/account')
  assert.equal((await leaving()).rowCount, 0)
  const found = await events(email)
  assert.ok(
    found.indexOf('account.deletion_cancelled') > found.indexOf('account.deletion_requested'),
  )
  const told = await accounts.mail.notices(email, 2)
  assert.deepEqual(told.map(({ subject }) => subject).sort(), [
    'Your account will be deleted at Avouch',
    'Your account will not be deleted at Avouch',
  ])
})

test('the last owner of the server can not delete their account', async () => {
  const email = 'zora@example.com'
  const person = await accounts.enter(email, '/account/delete')
  await pool.query(
    `insert into admins (user_id, role) select user_id, 'owner' from identifiers where value = $1`,
    [email],
  )
  const refused = await person.submit('delete')
  assert.equal(refused.status, 409)
  assert.match(refused.text, /Make somebody else an owner first/)
  assertAt(await person.open('/account'), '/account')
})

test('where people may not delete their accounts, no page offers it', async (t) => {
  const closed = await openAccounts(t, { config: { account: { deletion: 'off' } } })
  const person = await closed.enter('xenia@example.com', '/account/data')
  assert.doesNotMatch(person.here().html, /\/account\/delete/)
  assert.equal((await person.open('/account/delete')).status, 404)
  assert.equal((await person.post('/account/delete', {})).status, 404)
})
