import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { roleAllows } from '#src/admin/access/policy.ts'
import { type Role, roles, type Scope } from '#src/admin/contract.ts'
import { managementScopes } from '#src/admin/index.ts'
import { database } from '../oidc/provider.ts'
import { relyingParty } from '../support/relying-party.ts'
import { startServer } from '../support/server.ts'
import { apiOf, program } from './api.ts'
import { becomeOwner } from './console.ts'

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

interface Described {
  operationId: string
  security: [{ oauth: [Scope] }]
  parameters: { in: string; name: string }[]
}

const operations = async () => {
  const { body } = await apiOf(server, null).call('GET', '/openapi.json')
  return Object.entries(body.paths as Record<string, Record<string, Described>>).flatMap(
    ([path, methods]) =>
      Object.entries(methods).map(([method, { operationId, security }]) => ({
        id: operationId,
        method: method.toUpperCase(),
        path: path.replace(/\{\w+\}/g, 'nobody'),
        scope: security[0].oauth[0],
      })),
  )
}

const all = await operations()
const api = apiOf(server, await personToken())
const as = (role: Role) => sql('update admins set role = $1', [role])

test('every operation says which scope it needs, and is there once', () => {
  assert.ok(all.length > 40, String(all.length))
  for (const { id, scope } of all) assert.ok(managementScopes.includes(scope), id)
  assert.equal(new Set(all.map(({ id }) => id)).size, all.length)
})

for (const role of roles) {
  test(`every operation is open to the role ${role}, or closed, as the table says`, async () => {
    await as(role)
    for (const { id, method, path, scope } of all) {
      const body = ['POST', 'PUT', 'PATCH'].includes(method) ? {} : undefined
      const answer = await api.call(method, path, body)
      const open = roleAllows(role, scope)
      assert.equal(
        answer.status === 403 && answer.body.code === 'insufficient_scope',
        !open,
        `${role} ${id}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 200)}`,
      )
      assert.notEqual(answer.status, 401, `${role} ${id}`)
      assert.ok(answer.status < 500, `${role} ${id}: ${answer.status}`)
    }
  })
}

test('whoever has no role, or is blocked, is nobody here', async () => {
  await as('owner')
  assert.equal((await api.call('GET', '/settings')).status, 200)
  await sql('update users set blocked_at = now()')
  assert.equal((await api.call('GET', '/settings')).status, 401)
  await sql('update users set blocked_at = null')
  const [row] = await sql('delete from admins returning user_id')
  for (const { method, path, id } of all) {
    const body = ['POST', 'PUT', 'PATCH'].includes(method) ? {} : undefined
    assert.equal((await api.call(method, path, body)).status, 401, id)
  }
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
  const refused = await late.call('DELETE', path)
  assert.equal(refused.status, 403, JSON.stringify(refused.body))
  assert.equal(refused.body.code, 'step_up_required')
  assert.equal((await late.call('GET', path)).status, 200)
  assert.equal((await api.call('DELETE', path)).status, 204)
})
