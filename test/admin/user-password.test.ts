import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { givePassword } from '../flows/people.ts'
import { assertOn, openSite } from '../flows/site.ts'
import { race } from '../support/race.ts'
import { accessToken, apiOf, program } from './api.ts'

const clients = [
  program('ops'),
  program('writer', ['users:read', 'users:write']),
  program('desk', ['users:read', 'users:support']),
]
const site = await openSite(
  { after },
  { sign_in_experience: { methods: ['password', 'email-code'] } },
  clients.map((registration) => ({
    clientId: registration.client_id,
    clientSecret: registration.client_secret,
    registration,
  })),
)
const as = async (clientId: string, scopes?: readonly string[]) =>
  apiOf(site.server, await accessToken(site.server, clientId, scopes))
const api = await as('ops')

const first = 'quiet harbour lamps 42'
const second = 'loud mountain candles 17'

let count = 0
const create = async (more: object = {}) => {
  count += 1
  const value = `p${count}@example.com`
  const { body } = await api.call('POST', '/users', {
    identifiers: [{ type: 'email', value, verified: true }],
    password: first,
    ...more,
  })
  return { id: body.id as string, value }
}
const put = (id: string, password: unknown, headers?: Record<string, string>) =>
  api.call('PUT', `/users/${id}/password`, { password }, headers)

test('a new password signs in, the one before does not, and nothing of it is kept in clear', async () => {
  const { id, value } = await create()
  const underWay = await site.arrive()
  await givePassword(underWay.person, value, first)
  const { status, body } = await put(id, second)
  assert.equal(status, 200)
  assert.equal(body.version, 2)
  assert.doesNotMatch(JSON.stringify(body), /argon2|mountain/)
  await underWay.person.open(underWay.person.here().url)
  assertOn(underWay.person.here(), 'This sign-in has expired')
  assertOn(await underWay.person.submit('restart'), 'Sign in to Shop')

  const old = await site.arrive()
  assert.equal((await givePassword(old.person, value, first)).status, 422)
  const { person } = await site.arrive()
  assert.equal((await givePassword(person, value, second)).status, 200)
  const [row] = await site.sql<{ row: string }>(
    `select a::text as row from audit_events a where event = 'user.password_set' and user_id = $1`,
    [id],
  )
  assert.doesNotMatch(row!.row, /mountain|argon2/)
})

test('a password that others would try is refused, and the one before stays', async () => {
  const { id, value } = await create({ name: 'Norbert Nightingale' })
  for (const password of ['short', 'password1234567', 'norbertnightingale', value, '', 7]) {
    const answer = await put(id, password)
    assert.equal(answer.status, 422, JSON.stringify(password))
    assert.equal(answer.body.errors[0].path, 'password')
  }
  const { person } = await site.arrive()
  assert.equal((await givePassword(person, value, first)).status, 200)
  assert.equal((await put('nobody', second)).status, 404)
})

test('of two who give one at once, one is told', async () => {
  const { id } = await create()
  const { won } = await race(2, () => put(id, second, { 'if-match': '"1"' }))
  assert.deepEqual(won.map(({ status }) => status).sort(), [200, 412])
})

test('a help desk gives nobody a password, and whoever makes no admins gives none to an admin', async () => {
  const { id } = await create()
  const desk = await as('desk', ['users:read', 'users:support'])
  const asked = await desk.call('PUT', `/users/${id}/password`, { password: second })
  assert.equal(asked.status, 403)
  await site.sql(`insert into admins (user_id, role) values ($1, 'support')`, [id])
  const writer = await as('writer', ['users:read', 'users:write'])
  const refused = await writer.call('PUT', `/users/${id}/password`, { password: second })
  assert.equal(refused.status, 403)
  assert.equal(refused.body.code, 'insufficient_scope')
  assert.equal((await put(id, second)).status, 200)
})
