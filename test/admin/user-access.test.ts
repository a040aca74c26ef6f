import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { giveCode, givePassword, goodPassword, register } from '../flows/people.ts'
import { askSilently, assertOn, openSite, tokensOf } from '../flows/site.ts'
import type { Visitor } from '../support/http.ts'
import { accessToken, apiOf, program } from './api.ts'

const ops = program('ops')
const site = await openSite(
  { after },
  { sign_in_experience: { methods: ['email-code', 'password'], profile: ['name'] } },
  [
    { clientId: 'ops', clientSecret: ops.client_secret, registration: ops },
    { clientId: 'partner', registration: { client_name: 'Partner', first_party: false } },
  ],
)
const [shop, , partner] = site.parties as [typeof site.shop, unknown, typeof site.shop]
const api = apiOf(site.server, await accessToken(site.server, 'ops'))

/** Tokens of the shop, for a browser that is signed in. */
const tokensFor = async (person: Visitor) => tokensOf(await site.arrive({}, { person }))
const read = async (id: string) => (await api.call('GET', `/users/${id}`)).body

test('a blocked person is signed out at once, and their refresh token stops', async () => {
  const { person, sub } = await register(site, 'anna@example.com')
  const tokens = await tokensFor(person)
  const refreshed = { ...tokens, ...(await shop.refresh(tokens)) }

  const { status, body } = await api.call('POST', `/users/${sub}/block`)
  assert.equal(status, 200)
  assert.ok(body.blockedAt)
  assert.deepEqual([body.sessions, body.clients], [[], []])
  await assert.rejects(shop.refresh(refreshed), { error: 'invalid_grant' })
  await assert.rejects(shop.userinfo(tokens))
  assert.equal(await askSilently(site, person), 'login_required')
  const again = await site.arrive()
  assert.equal((await giveCode(site, again.person, 'anna@example.com')).status, 403)

  assert.equal((await api.call('POST', `/users/${sub}/unblock`)).body.blockedAt, null)
  await assert.rejects(shop.refresh(refreshed), { error: 'invalid_grant' }, 'what ended stays so')
  const back = await site.arrive()
  await giveCode(site, back.person, 'anna@example.com')
  assert.equal((await tokensOf(back)).claims()!.sub, sub)
})

test('one browser is signed out with what came from it, and the other stays', async () => {
  const first = await register(site, 'berta@example.com')
  const mine = await tokensFor(first.person)
  const second = await site.arrive()
  await giveCode(site, second.person, 'berta@example.com')
  const theirs = await tokensOf(second)

  const { sessions, clients } = await read(first.sub)
  assert.equal(sessions.length, 2)
  assert.deepEqual(clients, [
    { clientId: 'shop', scopes: [], consentedAt: null, grants: 2, offline: true },
  ])
  const [session] = sessions
  assert.deepEqual(session.clients, ['shop'])
  assert.deepEqual(
    session.methods.map(({ method }: { method: string }) => method),
    ['email-code'],
  )
  for (const { signedInAt, expiresAt } of sessions) assert.ok(signedInAt < expiresAt)
  const uid = await site.sql<{ uid: string }>(
    `select s.uid from oidc_sessions s join oidc_grants g
        on g.id = s.authorizations -> 'shop' ->> 'grantId'
      where s.account_id = $1 order by s.payload::json ->> 'loginTs', g.expires_at`,
    [first.sub],
  )
  const silent = async () => [
    await askSilently(site, first.person),
    await askSilently(site, second.person),
  ]
  const foreign = await register(site, 'carla@example.com')
  const wrong = await api.call('DELETE', `/users/${foreign.sub}/sessions/${uid[0]!.uid}`)
  assert.equal(wrong.status, 404, 'a session is ended for its own person')
  assert.deepEqual(await silent(), [null, null])

  const ended = await api.call('DELETE', `/users/${first.sub}/sessions/${uid[0]!.uid}`)
  assert.equal(ended.body.sessions.length, 1)
  const after = await silent()
  assert.deepEqual([...after].sort(), ['login_required', null])
  const [gone, kept] = after[0] === null ? [theirs, mine] : [mine, theirs]
  await assert.rejects(shop.refresh(gone), { error: 'invalid_grant' })
  assert.ok(await shop.refresh(kept))
  const twice = await api.call('DELETE', `/users/${first.sub}/sessions/${uid[0]!.uid}`)
  assert.equal(twice.status, 404)

  assert.deepEqual((await api.call('POST', `/users/${first.sub}/sign-out`)).body.sessions, [])
  assert.deepEqual(await silent(), ['login_required', 'login_required'])
})

test('the browsers of somebody are listed, and one that is forgotten knows them no more', async () => {
  const { person, sub } = await register(site, 'dana@example.com')
  const other = await site.arrive()
  await giveCode(site, other.person, 'dana@example.com')
  await tokensOf(other)

  const { devices, knownBrowsers } = await read(sub)
  assert.deepEqual([devices.length, knownBrowsers], [2, 2])
  assert.ok(devices[0].lastUsedAt > devices[1].lastUsedAt, 'the last used first')
  const { id, lastUsedAt: _, ...older } = devices[1]
  const identifier = { type: 'email', value: 'dana@example.com' }
  assert.deepEqual(older, { identifier, method: 'email-code' })

  const { status, body } = await api.call('DELETE', `/users/${sub}/devices/${id}`)
  assert.equal(status, 200)
  assert.deepEqual([body.devices.length, body.sessions.length], [1, 2])
  assert.equal((await api.call('DELETE', `/users/${sub}/devices/${id}`)).status, 404)
  for (const [browser, knows] of [
    [person, false],
    [other.person, true],
  ] as const) {
    await browser.open(shop.logoutUrl(await tokensFor(browser)))
    const { html } = (await site.arrive({}, { person: browser })).person.here()
    assert.equal(html.includes('?choose=1'), knows, 'who was here before is offered')
  }
})

test('one application is disconnected: it asks again, and the others go on', async () => {
  const { person, sub } = await register(site, 'hanna@example.com')
  const tokens = await tokensFor(person)
  const allow = async () => {
    const arrival = await site.arrive(
      { scope: 'openid offline_access' },
      { person, party: partner },
    )
    assertOn(person.here(), /^Allow Partner/)
    await person.submit('consent', { decision: 'allow' })
    return tokensOf(arrival)
  }
  const theirs = await allow()

  const { status, body } = await api.call('DELETE', `/users/${sub}/clients/partner`)
  assert.equal(status, 200)
  assert.deepEqual(
    body.clients.map(({ clientId }: { clientId: string }) => clientId),
    ['shop'],
  )
  assert.deepEqual(body.sessions[0].clients, ['shop'])
  await assert.rejects(partner.userinfo(theirs))
  assert.ok(await shop.refresh(tokens))
  assert.ok(await allow())
  assert.equal((await api.call('DELETE', `/users/${sub}/clients/nobody`)).status, 404)
  assert.equal((await api.call('DELETE', '/users/nobody/clients/shop')).status, 404)
})

test('factors are reset, which ends sessions and what was being signed in to', async () => {
  const { body } = await api.call('POST', '/users', {
    name: 'Dora',
    identifiers: [{ type: 'email', value: 'dora@example.com', verified: true }],
    password: goodPassword,
  })
  const arrival = await site.arrive()
  const before = new Date()
  await givePassword(arrival.person, 'dora@example.com')
  // A code to begin with went out as well, before the password was chosen instead.
  const code = await site.mail.codeFor('dora@example.com', before, 'MfaVerification')
  await arrival.person.submit('verify/email-code', { code })
  await tokensOf(arrival)
  assert.ok((await read(body.id)).credentials.password)

  const underWay = await site.arrive()
  await givePassword(underWay.person, 'dora@example.com')
  const { url } = underWay.person.here()

  const one = await api.call('POST', `/users/${body.id}/reset-factors`, { factors: ['password'] })
  assert.equal(one.status, 200)
  assert.equal(one.body.credentials.password, null)
  assert.deepEqual(one.body.sessions, [])
  assert.equal(await askSilently(site, arrival.person), 'login_required')
  assertOn(await underWay.person.open(url), 'This sign-in has expired')
  assertOn(await underWay.person.submit('restart'), 'Sign in to Shop')
  const typed = await site.arrive()
  assert.equal((await givePassword(typed.person, 'dora@example.com')).status, 422)

  await site.sql(`insert into backup_codes (user_id, macs) values ($1, $2)`, [body.id, []])
  assert.deepEqual((await read(body.id)).credentials.backupCodes.left, 0)
  const all = await api.call('POST', `/users/${body.id}/reset-factors`, {})
  assert.deepEqual(all.body.credentials, {
    password: null,
    totp: null,
    backupCodes: null,
    passkeys: [],
  })
  assert.equal(
    (await api.call('POST', `/users/${body.id}/reset-factors`, { factors: [] })).status,
    422,
  )
})

test('a deleted person is gone everywhere, and what they still hold breaks nothing', async () => {
  const { person, sub } = await register(site, 'emma@example.com', 'Emma Erased')
  const tokens = await tokensFor(person)
  await site.arrive({ scope: 'openid email' }, { person, party: partner })
  await person.submit('consent', { decision: 'allow' })
  const waiting = await site.arrive({ scope: 'openid profile' }, { person, party: partner })
  assertOn(waiting.person.here(), /^Allow Partner/)
  const stepping = await site.arrive({ acr_values: 'aal2' }, { person: person.copy() })
  assertOn(stepping.person.here(), 'Set up an authenticator app')
  const session = await site.sql<{ uid: string }>(
    'select uid from oidc_sessions where account_id = $1',
    [sub],
  )

  assert.equal((await api.call('DELETE', `/users/${sub}`)).status, 204)
  for (const [table, column] of [
    ['identifiers', 'user_id'],
    ['known_browsers', 'user_id'],
    ['consents', 'user_id'],
    ['sign_ins', 'user_id'],
    ['oidc_sessions', 'account_id'],
    ['oidc_grants', 'account_id'],
    ['oidc_tokens', 'account_id'],
  ]) {
    const left = await site.sql(`select 1 from ${table} where ${column} = $1`, [sub])
    assert.deepEqual(left, [], table)
  }
  const kept = await site.sql<{ row: string }>(
    'select a::text as row from audit_events a where user_id = $1',
    [sub],
  )
  assert.ok(kept.length > 3)
  for (const { row } of kept) assert.doesNotMatch(row, /emma|erased/i)

  const allowed = await waiting.person.submit('consent', { decision: 'allow' })
  assert.ok(allowed.status < 500, String(allowed.status))
  const enrolled = await stepping.person.submit('verify/totp', { code: '123456' })
  assert.ok(enrolled.status < 500, String(enrolled.status))
  await assert.rejects(shop.refresh(tokens), { error: 'invalid_grant' })
  await assert.rejects(shop.userinfo(tokens))
  assert.equal(await askSilently(site, person), 'login_required')
  assert.ok((await person.open(shop.logoutUrl(tokens))).status < 500)
  assert.equal((await api.call('DELETE', `/users/${sub}/sessions/${session[0]!.uid}`)).status, 404)

  const anew = await register(site, 'emma@example.com', 'Emma Anew')
  assert.notEqual(anew.sub, sub, 'an id is never given out again')
})

test('roles and custom data are claims of their own scopes, which others ask consent for', async () => {
  const { person, sub } = await register(site, 'fred@example.com', 'Fred')
  const customData = { plan: 'gold', limits: { seats: 3 } }
  await api.call('PATCH', `/users/${sub}`, { roles: ['editor', 'admin'], customData })

  const without = await tokensFor(person)
  assert.equal(without.claims()!.roles, undefined)
  const withThem = await tokensOf(
    await site.arrive({ scope: 'openid roles custom_data' }, { person }),
  )
  const claims = withThem.claims()!
  assert.deepEqual([claims.roles, claims.custom_data], [['editor', 'admin'], customData])
  const info = await shop.userinfo(withThem)
  assert.deepEqual([info.roles, info.custom_data, info.name], [claims.roles, customData, undefined])

  const third = await site.arrive({ scope: 'openid roles custom_data' }, { person, party: partner })
  assertOn(person.here(), /^Allow Partner/)
  assert.match(person.here().text, /See what you may do in applications/)
  assert.match(person.here().text, /See further details that applications keep about you/)
  await person.submit('consent', { decision: 'allow' })
  assert.deepEqual((await tokensOf(third)).claims()!.roles, ['editor', 'admin'])
  const { clients } = await read(sub)
  const own = clients.find(({ clientId }: { clientId: string }) => clientId === 'partner')
  assert.deepEqual([...own.scopes].sort(), ['custom_data', 'openid', 'roles'])
  assert.ok(own.consentedAt)
})

test('an identifier that an admin has added signs in, and one that was taken away does not', async () => {
  const { sub } = await register(site, 'gina@example.com')
  const added = await api.call('POST', `/users/${sub}/identifiers`, {
    type: 'email',
    value: 'gina@work.example',
    verified: true,
  })
  assert.equal(added.body.version, 2)
  await api.call('DELETE', `/users/${sub}/identifiers/email/gina@example.com`)
  const arrival = await site.arrive()
  await giveCode(site, arrival.person, 'gina@work.example')
  assert.equal((await tokensOf(arrival)).claims()!.sub, sub)
  const anew = await register(site, 'gina@example.com')
  assert.notEqual(anew.sub, sub)
})
