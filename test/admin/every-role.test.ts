/** Who may do what, to whom: every operation, as every role, to what is theirs and to others'. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { z } from 'zod'
import { type Role, roles } from '#src/admin/contract.ts'
import { managementScopes } from '#src/admin/index.ts'
import { relyingParty } from '../support/relying-party.ts'
import { startServer } from '../support/server.ts'
import { startTwilio } from '../support/twilio-double.ts'
import { receiver } from '../webhooks/receiver.ts'
import { accessToken, apiOf, program } from './api.ts'
import { becomeOwner } from './console.ts'
import { type About, asksOf } from './every-ask.ts'
import { making, type Route, routesOf, send } from './every-route.ts'
import { sqlOf } from './people.ts'

const shop = await relyingParty(
  { after },
  { registration: { api_scopes: managementScopes, first_party: true } },
)
const server = await startServer(
  { after },
  { config: { clients: [shop.registration, program('ops')] } },
)
await shop.discover(server)
const sql = sqlOf({ after }, server)
const { owner } = await becomeOwner(server)
const [self] = await sql<{ id: string }>('select user_id as id from admins')

const signedIn = async () => {
  const request = await shop.authorize({
    scope: `openid ${managementScopes.join(' ')}`,
    resource: `${server.baseUrl}/api`,
  })
  const { left } = await owner.open(request.url)
  assert.ok(left, owner.here().text)
  return shop.exchange(request, left)
}
/** The person, whose role is another one each time. */
const tokens = await signedIn()
const api = apiOf(server, tokens.access_token)
const ops = apiOf(server, await accessToken(server, 'ops'))
const make = making({
  api: ops,
  sql,
  twilioUrl: (await startTwilio({ after })).baseUrl,
  receiverUrl: (await receiver({ after })).url,
})
const asks = asksOf(make)
const routes = await routesOf(ops)
const as = (role: Role) => sql('update admins set role = $1 where user_id = $2', [role, self!.id])

/** The table: what each role may do. */
const may: Record<Role, readonly string[]> = {
  owner: [
    ...['clients:read', 'clients:write', 'users:read', 'users:write', 'users:support'],
    ...['connectors:read', 'connectors:write', 'deliveries:read', 'settings:read'],
    ...['settings:write', 'audit:read', 'statistics:read', 'webhooks:read', 'webhooks:write'],
    ...['keys:read', 'keys:write', 'admins:read', 'admins:write'],
  ],
  admin: [
    ...['clients:read', 'clients:write', 'users:read', 'users:write', 'users:support'],
    ...['connectors:read', 'connectors:write', 'deliveries:read', 'settings:read'],
    ...['settings:write', 'audit:read', 'statistics:read', 'webhooks:read', 'webhooks:write'],
    ...['keys:read', 'admins:read'],
  ],
  support: [
    ...['clients:read', 'users:read', 'users:support', 'deliveries:read'],
    ...['audit:read', 'statistics:read'],
  ],
  'read-only': [
    ...['clients:read', 'users:read', 'connectors:read', 'deliveries:read', 'settings:read'],
    ...['audit:read', 'statistics:read', 'webhooks:read', 'keys:read', 'admins:read'],
  ],
}

/** What would shut an admin out, or open their account to somebody else: for owners alone. */
const shutsOut = [
  'users.block',
  'users.unblock',
  'users.delete',
  'users.setPassword',
  'users.resetFactors',
  'users.addIdentifier',
  'users.removeIdentifier',
  'users.approveFactorReset',
  'users.denyFactorReset',
]
/** What the last owner can not have done to them, not even by themselves. */
const unseats = ['users.block', 'users.delete', 'admins.put', 'admins.remove']
/** What nobody does for themselves. */
const takesAnother = ['users.approveFactorReset']
/** What makes whoever does it able to act as the client. */
const takesOver = ['clients.update', 'clients.addSecret']

const ofPeople = routes.filter(
  ({ path }) => /\{(id|userId)\}/.test(path) && /^\/(users|admins)/.test(path),
)
const ofClients = routes.filter(({ path }) => path.startsWith('/clients/{'))

const asked = async (route: Route, about?: About) => {
  const before = await notedBy()
  const answer = await send(api, route, await asks[route.id]!(about))
  return { answer, noted: (await notedBy()) - before }
}
const notedBy = async (): Promise<number> => {
  const [row] = await sql<{ count: number }>(
    // That long work has ended is noted whenever it has.
    `select count(*)::int as count from audit_events
      where actor_id = $1 and event <> 'work.finished'`,
    [self!.id],
  )
  return row!.count
}

const expect = async (role: Role, route: Route, about: About | undefined, wanted: string) => {
  const { answer, noted } = await asked(route, about)
  const { status, body } = answer
  const got = status === route.status ? 'done' : `${status} ${body.code}`
  assert.equal(got, wanted, `${role} ${route.id}: ${JSON.stringify(body).slice(0, 300)}`)
  if (wanted !== 'done') assert.equal(noted, 0, `${role} ${route.id}: refused, and nothing noted`)
  const schema = route.responses[route.status]?.content?.['application/json']?.schema
  if (wanted === 'done' && schema) {
    const read = z.fromJSONSchema(schema).safeParse(body)
    assert.ok(read.success, `${route.id}: ${read.error?.message}`)
  }
}

test('an ID token and a token for userinfo are none for this API', async () => {
  const request = await shop.authorize({ scope: 'openid profile' })
  const { left } = await owner.open(request.url)
  const opaque = await shop.exchange(request, left!)
  for (const token of [tokens.id_token!, opaque.access_token, opaque.id_token!]) {
    assert.equal((await apiOf(server, token).call('GET', '/settings')).status, 401)
  }
  assert.equal((await api.call('GET', '/settings')).status, 200)
})

const refused = '403 insufficient_scope'

test('the tests have a call for every operation, and for no other', () => {
  assert.deepEqual(Object.keys(asks).sort(), routes.map(({ id }) => id).sort())
  for (const { id, scope } of routes) assert.ok(may.owner.includes(scope), id)
})

for (const role of roles) {
  const allows = ({ scope }: Route) => may[role].includes(scope)

  test(`to whoever is ${role}, every operation is open or closed as the table says`, async () => {
    await as(role)
    for (const route of routes)
      await expect(role, route, undefined, allows(route) ? 'done' : refused)
  })

  test(`whoever is ${role} does no more to another admin than the table says`, async () => {
    await as(role)
    for (const route of ofPeople) {
      const kept = shutsOut.includes(route.id) && role !== 'owner'
      const about = { person: await make.admin('support') }
      await expect(role, route, about, allows(route) && !kept ? 'done' : refused)
    }
  })

  test(`whoever is ${role} does no more to themselves than the table says`, async () => {
    await as(role)
    for (const route of ofPeople) {
      const kept =
        takesAnother.includes(route.id) || (shutsOut.includes(route.id) && role !== 'owner')
      const wanted = unseats.includes(route.id) ? '409 last_owner' : 'done'
      await expect(role, route, { person: self!.id }, allows(route) && !kept ? wanted : refused)
    }
  })

  test(`whoever is ${role} takes over no client that may do more than they may`, async () => {
    await as(role)
    for (const route of ofClients) {
      const kept = takesOver.includes(route.id) && role !== 'owner'
      const about = { client: await make.client(['admins:write']) }
      await expect(role, route, about, allows(route) && !kept ? 'done' : refused)
    }
  })
}

test('what belongs to one is not found under another', async () => {
  await as('owner')
  const [person, client, connector] = [
    await make.person(),
    await make.client(),
    await make.connector(),
  ]
  const foreign: Record<string, { path: string[]; body?: object }> = {
    'users.endSession': { path: [person, await make.session(self!.id)] },
    'users.removeClient': { path: [person, await make.consent(self!.id)] },
    'users.forgetDevice': { path: [person, await make.device(self!.id)] },
    'users.removeTrustedBrowser': { path: [person, await make.trusted(self!.id)] },
    'users.approveFactorReset': { path: [person, await make.reset(await make.person())] },
    'users.removeIdentifier': { path: [person, 'email', await make.identifier(self!.id)] },
    'clients.removeSecret': { path: [client, await make.secret(await make.client())] },
    'templates.restore': {
      path: [connector],
      body: { versionId: await make.words(await make.connector()) },
    },
  }
  for (const [id, ask] of Object.entries(foreign)) {
    const route = routes.find((each) => each.id === id)!
    const { status, body } = await send(api, route, ask)
    assert.deepEqual([status, body.code], [404, 'not_found'], id)
  }
  const { body: me } = await ops.call('GET', `/users/${self!.id}`)
  assert.ok(me.sessions.length > 0 && me.devices.length > 0, 'nothing of it is gone')
})

test('what is nobody’s is not found by whoever may look for it', async () => {
  await as('owner')
  const named = routes.filter(({ path }) => path.includes('{'))
  assert.ok(named.length > 30)
  for (const route of named) {
    const ask = await asks[route.id]!()
    const path = ask.path!.map((part, at) => (at === 0 ? 'nobody' : part))
    const { status } = await send(api, route, { ...ask, path })
    assert.equal(status, 404, route.id)
  }
})
