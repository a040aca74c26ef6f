import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { ops, startManaged } from './api.ts'
import { sqlOf } from './people.ts'

const server = await startManaged({ after })
const api = await ops(server)
const sql = sqlOf({ after }, server)

const person = async (name: string): Promise<string> => {
  const { status, body } = await api.call('POST', '/users', { name })
  assert.equal(status, 201, JSON.stringify(body))
  return body.id
}

test('an owner is made, and everybody with a role is listed', async () => {
  const ann = await person('Ann')
  const { status, body } = await api.call('PUT', `/admins/${ann}`, { role: 'owner' })
  assert.equal(status, 200)
  assert.equal(body.role, 'owner')
  const { body: list } = await api.call('GET', '/admins')
  assert.deepEqual(
    list.data.map(({ name, role }: { name: string; role: string }) => [name, role]),
    [['Ann', 'owner']],
  )
})

test('the last owner stays, whatever is tried', async () => {
  const { body: list } = await api.call('GET', '/admins')
  const { userId } = list.data[0]
  const tries = [
    await api.call('DELETE', `/admins/${userId}`),
    await api.call('PUT', `/admins/${userId}`, { role: 'admin' }),
    await api.call('DELETE', `/users/${userId}`),
    await api.call('POST', `/users/${userId}/block`),
  ]
  for (const { status, body } of tries) {
    assert.equal(status, 409)
    assert.equal(body.code, 'last_owner')
  }
})

test('of two owners who remove each other at once, one stays', async () => {
  for (let round = 0; round < 5; round += 1) {
    const { body: list } = await api.call('GET', '/admins')
    const owners = list.data.filter(({ role }: { role: string }) => role === 'owner')
    const ids = [owners[0].userId, await person('Bea')]
    await api.call('PUT', `/admins/${ids[1]}`, { role: 'owner' })
    const both = await Promise.all(ids.map((id) => api.call('DELETE', `/admins/${id}`)))
    assert.deepEqual(both.map(({ status }) => status).sort(), [204, 409])
  }
})

test('of two who change one role at once, one is told', async () => {
  const id = await person('Cem')
  const { headers } = await api.call('PUT', `/admins/${id}`, { role: 'support' })
  const change = (role: string) =>
    api.call('PUT', `/admins/${id}`, { role }, { 'if-match': headers.get('etag')! })
  const both = await Promise.all([change('admin'), change('read-only')])
  assert.deepEqual(both.map(({ status }) => status).sort(), [200, 412])
})

test('whoever was imported with an id of another system can be an admin too', async () => {
  const id = 'auth0|5f7c8ec7/c33c6c004bbafe82'
  await sql(`insert into users (id, name) values ($1, 'Ina Imported')`, [id])
  const path = `/admins/${encodeURIComponent(id)}`
  assert.equal((await api.call('PUT', path, { role: 'support' })).body.userId, id)
  const { body } = await api.call('GET', `/admins?cursor=${btoa(JSON.stringify(['auth']))}`)
  assert.ok(body.data.some(({ userId }: { userId: string }) => userId === id))
  assert.equal((await api.call('DELETE', path)).status, 204)
})

test('nobody who is not there gets a role', async () => {
  const { status } = await api.call('PUT', '/admins/nobody', { role: 'admin' })
  assert.equal(status, 404)
  assert.equal((await api.call('DELETE', '/admins/nobody')).status, 404)
})
