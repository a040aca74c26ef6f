import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Role } from '#src/admin/contract.ts'
import { managementScopes } from '#src/admin/index.ts'
import { database } from '../oidc/provider.ts'
import { relyingParty } from '../support/relying-party.ts'
import { startServer } from '../support/server.ts'
import { apiOf, program } from './api.ts'
import { becomeOwner } from './console.ts'
import { type Ask, type Route, routesOf, send } from './every-route.ts'

const shop = await relyingParty(
  { after },
  { registration: { api_scopes: managementScopes, first_party: true } },
)
const server = await startServer(
  { after },
  { config: { clients: [shop.registration, program('ops')] } },
)
await shop.discover(server)
const sql = database({ after }, server)
const { owner } = await becomeOwner(server)

/** An access token of the person who is signed in with this browser. */
const personToken = async (): Promise<string> => {
  const request = await shop.authorize({
    scope: `openid ${managementScopes.join(' ')}`,
    resource: `${server.baseUrl}/api`,
  })
  const { left } = await owner.open(request.url)
  assert.ok(left, owner.here().text)
  return (await shop.exchange(request, left)).access_token
}

const all = await routesOf(apiOf(server, null))
const api = apiOf(server, await personToken())
/** Nobody and nothing: for what is refused before anybody looks. */
const anybody = ({ path, method }: Route): Ask => ({
  path: (path.match(/\{/g) ?? []).map(() => 'nobody'),
  ...(['POST', 'PUT', 'PATCH'].includes(method) ? { body: {} } : {}),
})

/** What can not be taken back, or opens an account to somebody else. */
const finalOnes = [
  'admins.put',
  'admins.remove',
  'clients.delete',
  'clients.removeSecret',
  'connectors.delete',
  'keys.rotate',
  'users.approveFactorReset',
  'users.beginExportWithPasswords',
  'users.delete',
  'users.exportWithPasswords',
  'users.removeIdentifier',
  'users.resetFactors',
  'users.setPassword',
  'webhooks.delete',
  'works.fileWithPasswords',
]

const as = (role: Role) => sql('update admins set role = $1', [role])

test('whoever has no role, or is blocked, is nobody here', async () => {
  await as('owner')
  assert.equal((await api.call('GET', '/settings')).status, 200)
  await sql('update users set blocked_at = now()')
  assert.equal((await api.call('GET', '/settings')).status, 401)
  await sql('update users set blocked_at = null')
  const [row] = await sql('delete from admins returning user_id')
  for (const route of all)
    assert.equal((await send(api, route, anybody(route))).status, 401, route.id)
  await sql("insert into admins (user_id, role) values ($1, 'owner')", [row!.user_id])
})

test('what can not be undone asks for a fresh sign-in, of people and not of programs', async () => {
  const { body: made } = await api.call('POST', '/clients', {
    client_name: 'Old',
    redirect_uris: ['https://old.example/cb'],
  })
  const path = `/clients/${made.client_id}`
  // A token that was made six minutes after the person proved who they are.
  await sql(
    `update oidc_sessions set payload = jsonb_set(payload::jsonb, '{loginTs}',
       to_jsonb((payload::jsonb->>'loginTs')::int - 360))::text`,
  )
  const late = apiOf(server, await personToken())
  for (const route of all) {
    const { body } = await send(late, route, anybody(route))
    assert.equal(body.code === 'step_up_required', finalOnes.includes(route.id), route.id)
    const { description } = route
    assert.equal(/five minutes/.test(description ?? ''), finalOnes.includes(route.id), route.id)
  }
  const refused = await late.call('DELETE', path)
  assert.equal(refused.status, 403, JSON.stringify(refused.body))
  assert.equal(refused.body.code, 'step_up_required')
  assert.equal((await late.call('GET', path)).status, 200)
  assert.equal((await api.call('DELETE', path)).status, 204)
})
