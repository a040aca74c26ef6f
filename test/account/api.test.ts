import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { totpCode } from '../browser/authenticator.ts'
import type { Visitor } from '../support/http.ts'
import { type RelyingParty, relyingParty, type Tokens } from '../support/relying-party.ts'
import { startServer } from '../support/server.ts'
import { addIdentifier, connect, goodPassword, openAccounts } from './site.ts'

const api_scopes = ['account:read', 'account:write']
const app = await relyingParty(
  { after },
  { clientId: 'app', clientSecret: null, registration: { api_scopes } },
)
const plain = await relyingParty({ after }, { clientId: 'plain' })
const clients = [app.registration, plain.registration]
const accounts = await openAccounts({ after }, { config: { clients } })
const { server, mail } = accounts
await app.discover(server)
await plain.discover(server)
const pool = connect({ after }, accounts)

const resource = `${server.baseUrl}/account/api`

/** A token of somebody who is signed in with this browser. */
const tokensOf = async (
  person: Visitor,
  party: RelyingParty = app,
  more: Record<string, string> = {},
): Promise<Tokens> => {
  const request = await party.authorize({
    scope: `openid ${api_scopes.join(' ')}`,
    resource,
    ...more,
  })
  await person.open(request.url)
  // Whoever runs on somebody's own machine is always confirmed.
  const visit = person.here().left
    ? person.here()
    : await person.submit('consent', { decision: 'allow' })
  assert.ok(visit.left, `${visit.url}: ${visit.text.slice(0, 300)}`)
  return party.exchange(request, visit.left)
}

const call = async (
  token: string,
  method: string,
  path: string,
  body?: object,
  at = server,
  headers: Record<string, string> = {},
) => {
  const answer = await at.fetch(`${resource}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...headers,
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const text = await answer.text()
  return {
    status: answer.status,
    headers: answer.headers,
    body: (text ? JSON.parse(text) : null) as ReturnType<typeof JSON.parse>,
  }
}

test('a client that draws its own pages does what the pages do', async () => {
  const person = await accounts.enter('alice@example.com')
  const { access_token: token } = await tokensOf(person)
  const me = await call(token, 'GET', '/me')
  assert.equal(me.status, 200)
  assert.equal(me.body.name, 'Anna Muster')
  assert.equal(me.body.identifiers[0].value, 'alice@example.com')

  const renamed = await call(token, 'PATCH', '/me', { name: 'Alice' })
  assert.equal(renamed.body.name, 'Alice')
  assert.equal((await call(token, 'PATCH', '/me', { name: '' })).status, 422)
  assert.equal((await call(token, 'PATCH', '/me', { roles: ['admin'] })).status, 422)

  const before = new Date()
  const begun = await call(token, 'POST', '/identifiers', {
    identifier: '+12015550170',
    type: 'phone',
  })
  assert.equal(begun.status, 200, JSON.stringify(begun.body))
  const wrong = await call(token, 'POST', '/identifiers/confirm', { code: '12' })
  assert.equal(wrong.body.code, 'code_malformed')
  const code = await mail.codeFor('+12015550170', before)
  const confirmed = await call(token, 'POST', '/identifiers/confirm', { code })
  assert.equal(confirmed.body.identifiers.length, 2)
  const [email, phone] = confirmed.body.identifiers
  const removed = await call(token, 'DELETE', `/identifiers/${phone.id}`)
  assert.equal(removed.body.identifiers.length, 1)
  const last = await call(token, 'DELETE', `/identifiers/${email.id}`)
  assert.deepEqual([last.status, last.body.code], [409, 'last_way'])

  const { body: totp } = await call(token, 'POST', '/totp')
  const turnedOn = await call(token, 'POST', '/totp/confirm', { code: totpCode(totp.secret) })
  assert.equal(turnedOn.body.backupCodes.length, 10)
  const again = await call(token, 'POST', '/totp/confirm', { code: totpCode(totp.secret) })
  assert.equal(again.body.code, 'code_spent')
  assert.equal((await call(token, 'GET', '/me')).body.credentials.backupCodes.left, 10)

  const { body: activity } = await call(token, 'GET', '/activity?limit=2')
  assert.equal(activity.data.length, 2)
  const { body: more } = await call(token, 'GET', `/activity?limit=2&cursor=${activity.next}`)
  assert.ok(Number(more.data[0].id) < Number(activity.data[1].id))
  const { body: sessions } = await call(token, 'GET', '/sessions')
  assert.equal(sessions.data.filter(({ current }: { current: boolean }) => current).length, 1)
  const { body: apps } = await call(token, 'GET', '/apps')
  assert.deepEqual(
    apps.data.map(({ clientId }: { clientId: string }) => clientId),
    ['app'],
  )
  assert.equal((await call(token, 'POST', '/data')).body.person.name, 'Alice')
})

test('a sign-in that is too old or too weak is told what to ask for', async () => {
  const person = await accounts.enter('bella@example.com')
  await addIdentifier(accounts, person, '+12015550171')
  await person.open('/account/password')
  await person.submit('password', { new_password: goodPassword })
  const { access_token: weak } = await tokensOf(person)
  assert.equal((await call(weak, 'GET', '/me')).status, 200, 'looking is free')
  const refused = await call(weak, 'PATCH', '/me', { name: 'B' })
  assert.equal(refused.status, 401)
  assert.equal(
    refused.headers.get('www-authenticate'),
    'Bearer error="insufficient_user_authentication", acr_values="aal2", max_age="300"',
  )
  assert.equal(refused.body.code, 'insufficient_user_authentication')

  // As RFC 9470 has it: the client asks for what it was told.
  const request = await app.authorize({
    scope: `openid ${api_scopes.join(' ')}`,
    resource,
    acr_values: 'aal2',
    max_age: '300',
  })
  const before = new Date()
  await person.open(request.url)
  const text = await mail.codeFor('+12015550171', before)
  await person.submit('verify/sms-code', { code: text })
  if (person.here().forms.some(({ action }) => action.endsWith('/verify/password'))) {
    await person.submit('verify/password', { password: goodPassword })
  }
  const visit = await person.submit('consent', { decision: 'allow' })
  const strong = await app.exchange(request, visit.left!)
  assert.equal((await call(strong.access_token, 'PATCH', '/me', { name: 'Bella' })).status, 200)
})

test('a token is worth nothing once its session, its person or its client is gone', async (t) => {
  const other = await startServer(t, {
    databaseUrl: server.databaseUrl!,
    baseUrl: server.baseUrl,
    config: { clients },
  })
  const everywhere = async (token: string, status: number, why: string) => {
    for (const at of [server, other]) {
      assert.equal((await call(token, 'GET', '/me', undefined, at)).status, status, why)
    }
  }
  const person = await accounts.enter('clara@example.com')
  const { access_token: first } = await tokensOf(person)
  await everywhere(first, 200, 'at first')

  const elsewhere = await accounts.comeBack('clara@example.com')
  const { access_token: second } = await tokensOf(elsewhere)
  const ended = await call(second, 'POST', '/sessions/end-others')
  assert.equal(ended.status, 204)
  await everywhere(first, 401, 'signed out')
  await everywhere(second, 200, 'the one that is left')

  const disconnected = await call(second, 'DELETE', '/apps/app')
  assert.equal(disconnected.status, 204)
  await everywhere(second, 401, 'disconnected')

  const { access_token: third } = await tokensOf(elsewhere)
  const block = (at: string) =>
    pool.query(
      `update users set blocked_at = ${at} where id = (
         select user_id from identifiers where value = 'clara@example.com')`,
    )
  await block('now()')
  await everywhere(third, 401, 'blocked')
  await block('null')
  await everywhere(third, 200, 'unblocked')
})

test('only clients that name the scopes get them, and nobody reads with a token for something else', async () => {
  const person = await accounts.enter('diana@example.com')
  const none = await tokensOf(person, plain)
  const refused = await call(none.access_token, 'GET', '/me')
  assert.ok(refused.status === 401 || refused.status === 403)
  const { access_token: reads } = await tokensOf(person, app, { scope: 'openid account:read' })
  assert.equal((await call(reads, 'GET', '/me')).status, 200)
  assert.equal((await call(reads, 'PATCH', '/me', { name: 'D' })).status, 403)
  const ordinary = await app.authorize({ scope: 'openid profile' })
  await person.open(ordinary.url)
  const visit = await person.submit('consent', { decision: 'allow' })
  const { access_token: opaque, id_token: idToken } = await app.exchange(ordinary, visit.left!)
  for (const token of [opaque, idToken!, 'x', `${reads}x`]) {
    const answer = await call(token, 'GET', '/me')
    assert.equal(answer.status, 401)
    assert.match(answer.headers.get('www-authenticate') ?? '', /invalid_token/)
  }
  const management = await server.fetch(`${server.baseUrl}/api/users`, {
    headers: { authorization: `Bearer ${reads}` },
  })
  assert.equal(management.status, 401, 'another API')
})

test('pages of a public client may read the answers, those of others may not', async () => {
  const person = await accounts.enter('emma@example.com')
  const { access_token: token } = await tokensOf(person)
  const own = new URL(app.redirectUri).origin
  const asked = await server.fetch(`${resource}/me`, {
    method: 'OPTIONS',
    headers: { origin: own, 'access-control-request-method': 'PATCH' },
  })
  assert.equal(asked.status, 204)
  assert.match(asked.headers.get('access-control-allow-headers') ?? '', /authorization/)
  const mine = await call(token, 'GET', '/me', undefined, server, { origin: own })
  assert.equal(mine.headers.get('access-control-allow-origin'), own)
  const other = { origin: 'https://evil.example' }
  const theirs = await call(token, 'GET', '/me', undefined, server, other)
  assert.equal(theirs.headers.get('access-control-allow-origin'), null)
  assert.equal(theirs.headers.get('access-control-allow-credentials'), null)
})

test('the API describes itself', async () => {
  const answer = await server.fetch(`${resource}/openapi.json`)
  const document = (await answer.json()) as {
    openapi: string
    paths: Record<string, Record<string, { operationId: string; security: object[] }>>
  }
  assert.equal(document.openapi, '3.1.0')
  const all = Object.values(document.paths).flatMap((each) => Object.values(each))
  const ids = all.map(({ operationId }) => operationId)
  assert.equal(new Set(ids).size, ids.length)
  for (const id of ['person.read', 'password.set', 'passkeys.register', 'deletion.request']) {
    assert.ok(ids.includes(id), id)
  }
  for (const { security } of all) assert.equal(security.length, 1)
})
