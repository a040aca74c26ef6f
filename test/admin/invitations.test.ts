import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { race } from '../support/race.ts'
import { accessToken, apiOf, ops, program, startManaged } from './api.ts'

const server = await startManaged({ after }, { config: { clients: [program('other')] } })
const api = await ops(server)

const body = (number: number, send = true) => ({
  type: 'email',
  value: `i${number}@example.com`,
  send,
})

test('twenty invitations are sent in ten minutes, however many are asked for at once', async () => {
  const { won } = await race(30, (index) => api.call('POST', '/invitations', body(index)))
  const statuses = won.map(({ status }) => status)
  assert.equal(statuses.filter((status) => status === 201).length, 20)
  const refused = won.find(({ status }) => status === 429)!
  assert.equal(refused.body.code, 'too_many_requests')
  assert.ok(Number(refused.headers.get('retry-after')) > 0)
  const { data } = (await api.call('GET', '/invitations?limit=100')).body
  assert.equal(data.length, 20, 'who was refused has left nothing')

  assert.equal((await api.call('POST', '/invitations', body(30, false))).status, 201)
  const other = apiOf(server, await accessToken(server, 'other'))
  assert.equal((await other.call('POST', '/invitations', body(31))).status, 201)
})

test('an invitation to an application that nobody has looked up yet waits for nothing', async (t) => {
  const embedded = await startManaged(t, {
    kind: 'embedded',
    config: { clients: [program('unseen')] },
  })
  const one = await ops(embedded)
  const made = await one.call('POST', '/invitations', { ...body(1), clientId: 'unseen' })
  assert.deepEqual([made.status, made.body.clientId], [201, 'unseen'])
  for (const clientId of ['nobody', 'avouch-console']) {
    const none = await one.call('POST', '/invitations', { ...body(2), clientId })
    assert.equal(none.status, 422)
    assert.deepEqual(none.body.errors, [{ path: 'clientId', message: 'is no client' }])
  }
})
