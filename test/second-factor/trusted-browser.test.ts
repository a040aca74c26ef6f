import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { assertOn, assertSignedIn, tokensOf } from '../flows/site.ts'
import { type Visitor, visitor } from '../support/http.ts'
import { answer, goThrough, type Member, openMembers, pagesFor } from './member.ts'

const site = await openMembers({ after }, {}, [
  { clientId: 'vault', registration: { require_authenticator: true } },
])
const [, vault] = site.parties as [typeof site.shop, typeof site.shop]
const first = 'password'
const cookie = 'avouch_trust'

const withApp = () => site.member(['email', 'password', 'totp'])
const withEmail = () => site.member(['email', 'password'])

/** Signs somebody in with both factors, and trusts the browser. */
async function trusting(member: Member, person: Visitor = visitor(site.server)): Promise<Visitor> {
  const arrival = await site.arrive({ prompt: 'login' }, { person })
  await goThrough(site, person, member, { first, trust: true })
  await tokensOf(arrival)
  return person
}

const isAsked = async (member: Member, person: Visitor, parameters = {}) =>
  !['identify', 'password'].includes(
    (await pagesFor(site, member, person, parameters)).at(-1) ?? '',
  )

const read = async ({ id }: Member) => (await site.api.call('GET', `/users/${id}`)).body

test('the second step offers to trust the browser, unchecked, and says for how long', async () => {
  const member = await withApp()
  const { person } = await site.arrive()
  await answer(site, person, member, { first })
  assert.doesNotMatch(person.here().html, /trust_device/, 'not for a first factor')
  await answer(site, person, member, { first })
  assertOn(person.here(), 'Open your authenticator app')
  assert.match(person.here().text, /Don’t ask on this browser for 90 days Only on your own device/)
  const box = /<input[^>]*name="trust_device"[^>]*>/.exec(person.here().html)?.[0] ?? ''
  assert.match(box, /type="checkbox"/)
  assert.doesNotMatch(box, /checked/)
})

test('whoever does not ask for it is asked again, and gets no cookie', async () => {
  const member = await withEmail()
  const { person } = await site.arrive()
  await goThrough(site, person, member, { first })
  assert.equal(person.jar.get(cookie), undefined)
  assert.equal(await isAsked(member, person), true)
})

test('a trusted browser skips the page, and the tokens say what was proven: one factor', async () => {
  const member = await withApp()
  const person = await trusting(member)
  const arrival = await site.arrive({ prompt: 'login' }, { person })
  await answer(site, person, member, { first })
  await assertSignedIn(arrival, { amr: ['pwd'], acr: 'aal1' })
  const set = person.jar.all().find(({ name }) => name === cookie)!
  assert.equal(set.httpOnly, true)
  assert.equal(set.sameSite?.toLowerCase(), 'lax')
  assert.ok(Math.abs(set.expiresAt - Date.now() - 90 * 86_400_000) < 600_000)
  const events = await site.sql(
    `select 1 from audit_events where event = 'trusted_browser.added' and user_id = $1`,
    [member.id],
  )
  assert.equal(events.length, 1)
})

test('what is stored opens nothing: neither the token nor the browser is in the database', async () => {
  const member = await withApp()
  const person = await trusting(member)
  const [row] = await site.sql<{ row: string }>(
    'select t::text as row from trusted_browsers t where user_id = $1',
    [member.id],
  )
  assert.ok(row)
  for (const name of [cookie, 'avouch_browser']) {
    const value = person.jar.get(name)!
    assert.ok(!row.row.includes(value))
    assert.ok(!row.row.includes(Buffer.from(value, 'base64url').toString('hex')))
  }
})

test('a cookie that is copied to another browser gets nothing', async () => {
  const member = await withApp()
  const person = await trusting(member)
  const thief = visitor(site.server)
  const url = new URL(site.server.baseUrl)
  await site.arrive({}, { person: thief })
  thief.jar.store(url, [`${cookie}=${person.jar.get(cookie)}; Path=/`])
  assert.equal(await isAsked(member, thief), true)
  for (const forged of ['', 'x', 'A'.repeat(43), `${'A'.repeat(43)}.`.repeat(200)]) {
    thief.jar.store(url, [`${cookie}=${forged}; Path=/`])
    assert.equal(await isAsked(member, thief), true)
  }
  assert.equal(await isAsked(member, person), false, 'and its own goes on')
})

test('the same browser does nothing for another person, and each may trust it', async () => {
  const [anna, ben] = [await withEmail(), await withEmail()]
  const person = await trusting(anna)
  const switched = async (member: Member) => {
    const copy = person.copy()
    const alone = copy.jar.all().filter(({ name }) => [cookie, 'avouch_browser'].includes(name))
    const fresh = visitor(site.server)
    for (const { name, value } of alone) {
      fresh.jar.store(new URL(site.server.baseUrl), [`${name}=${value}; Path=/`])
    }
    return isAsked(member, fresh)
  }
  assert.equal(await switched(ben), true)
  const other = visitor(site.server)
  for (const { name, value } of person.jar.all()) {
    if (name === cookie || name === 'avouch_browser') {
      other.jar.store(new URL(site.server.baseUrl), [`${name}=${value}; Path=/`])
    }
  }
  await trusting(ben, other)
  person.jar.store(new URL(site.server.baseUrl), [`${cookie}=${other.jar.get(cookie)}; Path=/`])
  assert.equal(await switched(anna), false)
  assert.equal(await switched(ben), false)
})

test('it is never a second factor for those who ask for one', async () => {
  const member = await withApp()
  const person = await trusting(member)
  assert.equal(await isAsked(member, person), false)
  const claims = {
    claims: JSON.stringify({ id_token: { acr: { essential: true, value: 'aal2' } } }),
  }
  const named = { claims: JSON.stringify({ id_token: { amr: { values: ['otp'] } } }) }
  for (const parameters of [{ acr_values: 'aal2' }, claims, named]) {
    assert.equal(await isAsked(member, person, parameters), true, JSON.stringify(parameters))
    assert.doesNotMatch(person.here().html, /trust_device/)
  }
  await site.arrive({ prompt: 'login' }, { person, party: vault })
  await answer(site, person, member, { first })
  assertOn(person.here(), 'Open your authenticator app')
  assert.doesNotMatch(person.here().html, /trust_device/, 'it would help nobody there')
})

test('it resets no password: the second factor is asked for, and can not be skipped later', async () => {
  const member = await site.member(['email', 'phone', 'password'])
  const person = await trusting(member)
  await person.open('/oidc/session/end')
  person.jar.store(new URL(site.server.baseUrl), ['avouch_session=; Path=/; Max-Age=0'])
  await site.arrive({}, { person })
  await person.open(`${person.here().url}?mode=reset`)
  await person.submit('identify', { identifier: member.email!, mode: 'reset' })
  const before = new Date()
  await answer(site, person, member, { first })
  assertOn(person.here(), 'Check your text messages')
  assert.doesNotMatch(person.here().html, /trust_device/)
  await person.post(`${person.here().url}/verify/sms-code`, {
    code: await site.mail.codeFor(member.phone!, before),
    trust_device: 'on',
  })
  await person.submit('profile', { new_password: 'another quiet harbour' })
  assert.ok(person.here().left)
  const changed = { ...member, password: 'another quiet harbour' }
  assert.equal(await isAsked(changed, person), true, 'the reset has dropped all trust')
})

/** Everything after which nobody is trusted any more. */
const ends: [string, (member: Member, person: Visitor) => Promise<unknown>][] = [
  [
    'an admin takes it back',
    async (member) => {
      const [browser] = (await read(member)).trustedBrowsers
      const path = `/users/${member.id}/trusted-browsers/${browser.id}`
      assert.equal((await site.api.call('DELETE', path)).body.trustedBrowsers.length, 0)
      assert.equal((await site.api.call('DELETE', path)).status, 404)
    },
  ],
  [
    'an admin sets the password',
    ({ id, password }) => site.api.call('PUT', `/users/${id}/password`, { password }),
  ],
  [
    'an admin resets backup codes',
    ({ id }) => site.api.call('POST', `/users/${id}/reset-factors`, { factors: ['backup-codes'] }),
  ],
  [
    'an admin resets the authenticator app',
    ({ id }) => site.api.call('POST', `/users/${id}/reset-factors`, { factors: ['totp'] }),
  ],
  [
    'an admin resets their passkeys',
    ({ id }) => site.api.call('POST', `/users/${id}/reset-factors`, { factors: ['passkeys'] }),
  ],
  ['an admin signs them out', ({ id }) => site.api.call('POST', `/users/${id}/sign-out`)],
  [
    'they were blocked for a while',
    async ({ id }) => {
      await site.api.call('POST', `/users/${id}/block`)
      await site.api.call('POST', `/users/${id}/unblock`)
    },
  ],
  [
    'they have a phone number more',
    ({ id }) =>
      site.api.call('POST', `/users/${id}/identifiers`, {
        type: 'phone',
        value: '+12015559999',
        verified: true,
      }),
  ],
  [
    'a phone number is removed',
    ({ id, phone }) =>
      site.api.call('DELETE', `/users/${id}/identifiers/phone/${encodeURIComponent(phone!)}`),
  ],
  [
    'they set up an authenticator app',
    async (member, person) => {
      await site.arrive({ acr_values: 'aal2' }, { person })
      await goThrough(site, person, member, { first })
    },
  ],
  [
    'they sign out everywhere',
    async (_member, person) => {
      await person.open('/oidc/session/end')
      await person.submit(({ names }) => names.has('everywhere'), { everywhere: 'yes' })
    },
  ],
  [
    'its time is over',
    ({ id }) =>
      site.sql(
        `update trusted_browsers set expires_at = now() - interval '1 second' where user_id = $1`,
        [id],
      ),
  ],
  [
    'it is older than an admin allows by now',
    ({ id }) =>
      site.sql(
        `update trusted_browsers set created_at = now() - interval '91 days',
           expires_at = now() + interval '200 days' where user_id = $1`,
        [id],
      ),
  ],
]

for (const [name, end] of ends) {
  test(`nobody is trusted any more once ${name}`, async () => {
    const member = await site.member(
      name.startsWith('they set up') ? ['email', 'password'] : ['email', 'phone', 'password'],
    )
    const person = await trusting(member)
    assert.equal(await isAsked(member, person), false)
    await end(member, person)
    assert.equal(await isAsked(member, person), true)
  })
}

test('a sign-in that was under way while all trust was dropped trusts nothing', async () => {
  const member = await withEmail()
  const { person } = await site.arrive()
  await answer(site, person, member, { first })
  await answer(site, person, member, { first })
  assertOn(person.here(), 'Check your email')
  await site.api.call('POST', `/users/${member.id}/identifiers`, {
    type: 'username',
    value: `${member.email!.split('@')[0]}x`,
    verified: true,
  })
  await answer(site, person, member, { first, trust: true })
  assert.ok(person.here().left)
  assert.equal(person.jar.get(cookie), undefined)
  assert.deepEqual((await read(member)).trustedBrowsers, [])
})

test('an admin switches it off: nobody is offered it, and what was trusted is not', async () => {
  const member = await withEmail()
  const person = await trusting(member)
  const set = (trustedDeviceDays: number) =>
    site.api.call('PATCH', '/settings', { session: { trustedDeviceDays } })
  assert.equal((await set(0)).status, 422)
  assert.equal((await set(-1)).status, 200)
  assert.equal(await isAsked(member, person), true)
  assert.doesNotMatch(person.here().html, /trust_device/)
  await person.submit('verify/email-code', { code: await site.mail.codeFor(member.email!) })
  assert.equal((await set(30)).status, 200)
  assert.equal(await isAsked(member, person), false)
  await set(90)
})

test('the list says which browser, since when and until when', async () => {
  const member = await withApp()
  await trusting(member)
  const [browser, ...none] = (await read(member)).trustedBrowsers
  assert.deepEqual(none, [])
  assert.match(browser.agent, /Firefox/)
  assert.ok(browser.since < browser.until)
  assert.equal(browser.lastUsedAt, null)
})
