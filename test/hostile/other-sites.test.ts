import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import pg from 'pg'
import { type Visitor, visitor } from '../support/http.ts'
import { inbox } from '../support/inbox.ts'
import { relyingParty } from '../support/relying-party.ts'
import { startServer } from '../support/server.ts'

const shop = await relyingParty({ after })
const server = await startServer(
  { after },
  { config: { clients: [shop.registration], limits: { resend: [0] } } },
)
await shop.discover(server)
const mail = inbox(server)

/** Everything that is known of sign-ins, so that any change shows. */
const everything = async (): Promise<string> => {
  const client = new pg.Client(server.databaseUrl!)
  await client.connect()
  const { rows } = await client.query(
    `select (select json_agg(s order by s.uid) from sign_ins s) as sign_ins,
            (select json_agg(c order by c.id) from challenges c) as challenges,
            (select json_agg(v order by v.at) from verifications v) as verifications,
            (select count(*) from deliveries) as deliveries,
            (select count(*) from users) as users,
            (select count(*) from oidc_sessions where account_id is not null) as sessions`,
  )
  await client.end()
  return JSON.stringify(rows[0])
}

const waiting = async (to: string): Promise<{ person: Visitor; base: string; code: string }> => {
  const person = visitor(server)
  await person.open((await shop.authorize()).url)
  await person.submit('identify', { identifier: to })
  const { pathname } = new URL(person.here().url)
  return { person, base: pathname, code: await mail.codeFor(to) }
}

const posts: [path: string, fields: Record<string, string>][] = [
  ['identify', { identifier: 'attacker@example.com' }],
  ['start/password', {}],
  ['start/email-code', {}],
  ['resend', {}],
  ['verify/email-code', { code: '000000' }],
  ['verify/password', { password: 'a long enough password' }],
  ['verify/totp', { code: '000000' }],
  ['profile', { name: 'Mallory' }],
  ['consent', { decision: 'allow' }],
]

const elsewhere: Record<string, Record<string, string>> = {
  'another site': { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
  'another host of the same site': {
    origin: 'http://evil.localhost',
    'sec-fetch-site': 'same-site',
  },
  'another port of the same host': { origin: 'http://localhost:1', 'sec-fetch-site': 'same-site' },
  'a browser that says only where from': { origin: 'https://evil.example', 'sec-fetch-site': '' },
  'a page that hides where it is': { origin: 'null', 'sec-fetch-site': '' },
  'a page that hides where it is, cross-site': { origin: 'null', 'sec-fetch-site': 'cross-site' },
  'a page that says two things': { origin: server.baseUrl, 'sec-fetch-site': 'cross-site' },
}

for (const [name, headers] of Object.entries(elsewhere)) {
  test(`a form that is sent from elsewhere does nothing: ${name}`, async () => {
    const { person, base, code } = await waiting(`${name.replaceAll(/\W+/g, '-')}@example.com`)
    const before = await everything()
    for (const [path, fields] of [...posts, ['verify/email-code', { code }] as const]) {
      const { status } = await person.post(`${base}/${path}`, fields, headers)
      assert.equal(status, 403, path)
    }
    assert.equal(await everything(), before)
    // The person whose browser was used goes on as if nothing had been.
    await person.open(base)
    assert.match((await person.submit('verify/email-code', { code })).text, /Complete your account/)
  })
}

test('a form of ours works where no referrer may be sent', async () => {
  const { person, code } = await waiting('private@example.com')
  const fields = { code }
  const path = `${new URL(person.here().url).pathname}/verify/email-code`
  const headers = { origin: 'null', 'sec-fetch-site': 'same-origin' }
  assert.match((await person.post(path, fields, headers)).text, /Complete your account/)
})

test('whoever knows the address of a sign-in, but is another browser, can do nothing with it', async () => {
  const { person, base, code } = await waiting('victim@example.com')
  const fresh = visitor(server)
  const busy = (await waiting('mallory@example.com')).person
  for (const attacker of [fresh, busy]) {
    const before = await everything()
    for (const path of ['', '?change=1', '?mode=create', '?choose=1', '/backup-codes.txt']) {
      const { status, html } = await attacker.open(`${base}${path}`)
      assert.ok(status === 400 || status === 410, `${path}: ${status}`)
      assert.ok(!html.includes('victim@example.com'), path)
    }
    for (const [path, fields] of [...posts, ['verify/email-code', { code }] as const]) {
      const { status, html } = await attacker.post(`${base}/${path}`, fields)
      assert.ok(status === 400 || status === 410, `${path}: ${status}`)
      assert.ok(!html.includes('victim@example.com'), path)
    }
    const state = await attacker.open(`${base}/state?proven=0`)
    assert.deepEqual(JSON.parse(state.html), { state: 'expired', delivery: null })
    assert.equal(await everything(), before)
    const { left } = await attacker.open((await shop.authorize({ prompt: 'none' })).url)
    assert.match(left ?? '', /error=(login|interaction)_required/)
  }
  await person.open(base)
  assert.match((await person.submit('verify/email-code', { code })).text, /Complete your account/)
})

test('a code does not work in the sign-in that somebody else has begun with the same address', async () => {
  const victim = await waiting('shared@example.com')
  const attacker = visitor(server)
  await attacker.open((await shop.authorize()).url)
  await attacker.submit('identify', { identifier: 'shared@example.com' })
  const { pathname } = new URL(attacker.here().url)
  const { status } = await attacker.post(`${pathname}/verify/email-code`, { code: victim.code })
  assert.equal(status, 422)
  await victim.person.open(victim.base)
  const next = await victim.person.submit('verify/email-code', { code: victim.code })
  assert.match(next.text, /Complete your account/)
})

test('a link that is opened where another sign-in is under way signs nobody in there', async () => {
  const victim = await waiting('linked@example.com')
  const attacker = (await waiting('mallory2@example.com')).person
  const link = await mail.linkFor('linked@example.com')
  const before = await everything()
  await attacker.open(link)
  const { status, url } = await attacker.post(link, {})
  assert.equal(status, 200)
  assert.ok(url.includes('/l/'), 'it goes nowhere')
  assert.equal(await everything(), before)
  await victim.person.open(link)
  assert.match((await victim.person.submit(() => true)).text, /Complete your account/)
})

test('nobody is signed out by a form from elsewhere', async () => {
  const { person, code } = await waiting('stays@example.com')
  await person.submit('verify/email-code', { code })
  await person.submit('profile', { name: 'Stays' })
  await person.open('/oidc/session/end')
  const { status } = await person.post('/oidc/session/end/confirm', {
    logout: 'yes',
    xsrf: 'guessed',
  })
  assert.equal(status, 400)
  const { left } = await person.open((await shop.authorize({ prompt: 'none' })).url)
  assert.match(left ?? '', /[?&]code=/)
})
