/** A server that is killed between a change and the webhook that tells of it. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { receiver } from '../webhooks/receiver.ts'
import { ops, startManaged } from './api.ts'
import { logOf } from './log.ts'

const server = await startManaged({ after })
const api = await ops(server)
const log = logOf({ after }, server)
const hook = await receiver({ after })
const { body: webhook } = await api.call('POST', '/webhooks', {
  url: hook.url,
  events: ['settings.changed', 'user.created'],
})

const told = async () =>
  (
    await log.query<{ state: string; attempts: number }>(
      'select state, attempts from webhook_deliveries where webhook_id = $1 order by created_at',
      [webhook.id],
    )
  ).map(({ state }) => state)

const until = async (what: string, is: () => Promise<boolean> | boolean) => {
  const deadline = Date.now() + 20_000
  while (!(await is())) {
    assert.ok(Date.now() < deadline, what)
    await sleep(50)
  }
}

const change = async (name: string) => {
  const { status } = await api.call('PATCH', '/settings', { branding: { name } })
  assert.equal(status, 200)
}

test('killed after the change and before anything is noted for the webhook, it is told', async () => {
  // Whoever follows the log passes over a cursor that somebody else has.
  const other = new pg.Client({ connectionString: server.databaseUrl! })
  await other.connect()
  await until('the log is followed', async () => {
    const rows = await log.query('select 1 from event_cursors')
    return rows.length > 0
  })
  await other.query('begin')
  await other.query('select 1 from event_cursors for update')
  await change('Noted by nobody')
  await server.kill()
  assert.deepEqual([await told(), hook.received.length], [[], 0])

  await other.query('rollback')
  await other.end()
  await server.start()
  await until('it comes', async () => (await told())[0] === 'delivered')
  assert.equal(hook.received.length, 1)
  assert.equal(hook.received[0]!.message.type, 'settings.changed')
})

test('killed while it is told, it is told again under the same id', async () => {
  hook.received.length = 0
  hook.behave(() => {})
  await change('Told by half')
  await until('it is sent', () => hook.received.length === 1)
  await server.kill()
  assert.deepEqual(await told(), ['delivered', 'pending'])

  hook.behave((response) => response.writeHead(204).end())
  // Whoever had claimed it is believed to be gone after a minute.
  await log.query(`update webhook_deliveries set next_at = now() where state = 'pending'`)
  await server.start()
  await until('it comes again', async () => (await told())[1] === 'delivered')
  const ids = hook.received.map(({ headers }) => headers['webhook-id'])
  assert.equal(ids.length, 2)
  assert.equal(new Set(ids).size, 1, 'a receiver knows it again')
  assert.equal(hook.received[0]!.body, hook.received[1]!.body)
})

test('of a change that came to nothing, nobody is told', async () => {
  hook.received.length = 0
  const refused = [
    await api.call('PATCH', '/settings', { branding: { name: 'No' } }, { 'if-match': '"999"' }),
    await api.call('POST', '/users', {
      name: 'No',
      identifiers: [
        { type: 'email', value: 'same@example.com', verified: true },
        { type: 'phone', value: 'nonsense' },
      ],
    }),
  ]
  assert.deepEqual(
    refused.map(({ status }) => status),
    [412, 422],
  )
  await api.call('POST', '/users', { name: 'Yes' })
  const { message } = await hook.until(() => true)
  assert.equal(message.type, 'user.created')
  assert.equal((await told()).length, 3)
})
