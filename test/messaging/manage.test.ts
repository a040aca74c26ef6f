import assert from 'node:assert/strict'
import type { Db } from '#src/db/contract.ts'
import { manageMessaging } from '#src/messaging/index.ts'
import { testOnBoth } from '../support/database.ts'
import { setUp } from './support.ts'

const main = { id: 'main', connector: 'test-sms', config: { label: 'main' } }
const spare = { id: 'spare', connector: 'test-sms', config: { label: 'spare' }, priority: 20 }

testOnBoth(
  'of a vendor that is passed over it is told how often it failed, with its last words',
  async (t, db) => {
    const { deliver, management } = await managed(t, db, [
      { ...main, config: { label: 'main', failure: 'unavailable' } },
      spare,
    ])
    for (let time = 0; time < 6; time += 1) assert.equal(await deliver(), 'accepted')
    const [first, second] = await management.connectors.list(db)
    assert.deepEqual([first!.id, first!.circuit.state], ['main', 'open'])
    const { sent, accepted, failed, failures } = first!.health.hour
    assert.deepEqual([sent, accepted, failed, failures], [5, 0, 5, { unavailable: 5 }])
    assert.equal(first!.health.lastError?.vendorWords, '••• was refused')
    assert.deepEqual([second!.health.week.sent, second!.health.week.accepted], [6, 6])
    assert.equal(second!.circuit.state, 'closed')
    assert.equal(second!.health.lastError, null)
    assert.ok(second!.health.week.p95Ms !== null)
  },
)

testOnBoth('of a message it is told who was asked before', async (t, db) => {
  const { queue, service, management } = await managed(t, db, [
    { ...main, config: { label: 'main', failure: 'rate_limited' } },
    spare,
  ])
  const id = await queue()
  await service.send(id)
  const { attempts, connectorId, state, country } = await management.deliveries.read(db, id)
  assert.deepEqual([connectorId, state, country], ['spare', 'accepted', 'CH'])
  assert.deepEqual(
    attempts.map(({ connectorId: who, failure, vendorCode }) => [who, failure, vendorCode]),
    [['main', 'rate_limited', '42']],
  )
})

testOnBoth('an instance that is made again under its old id is another one', async (t, db) => {
  const { deliver, management, service, sms } = await managed(t, db, [])
  const author = { kind: 'person', id: 'u1' }
  const make = (label: string) =>
    db.transaction((tx) =>
      management.connectors.create(
        tx,
        { id: 'a', connector: 'test-sms', config: { label } },
        author,
      ),
    )
  await make('one')
  await service.reload()
  assert.equal(await deliver(), 'accepted')
  await db.transaction((tx) => management.connectors.remove(tx, 'a', null))
  await make('two')
  await service.reload()
  assert.equal(await deliver(), 'accepted')
  assert.deepEqual(sms.calls, ['one', 'two'])
})

testOnBoth('of a hundred who make an instance of one id at once, one does', async (t, db) => {
  const { management } = await managed(t, db, [])
  const made = await Promise.allSettled(
    Array.from({ length: 100 }, (_, index) =>
      db.transaction((tx) =>
        management.connectors.create(
          tx,
          { id: 'a', connector: 'test-sms', config: { label: String(index) } },
          { kind: 'person', id: 'u1' },
        ),
      ),
    ),
  )
  assert.equal(made.filter(({ status }) => status === 'fulfilled').length, 1)
})

testOnBoth(
  'what is said of an instance comes from its newest messages, however many there are',
  async (t, db) => {
    const { management } = await managed(t, db, [main])
    const asked: string[] = []
    const watched: Db = {
      ...db,
      query: (name, text, values) => {
        asked.push(name)
        return db.query(name, text, values)
      },
    }
    await db.query(
      'test.many',
      `insert into deliveries (id, channel, recipient_hash, recipient_masked, usage_type, state,
                               connector_id, took_ms, created_at, expires_at, finished_at)
       select 'd' || n, 'sms', '', '+41•••67', 'SignIn',
              case when n % 10 = 0 then 'unknown' else 'accepted' end, 'main', 100, at, at, at
         from generate_series(1, 12000) n, lateral (select now() - n * interval '1 second') as a (at)`,
    )
    const [one] = await management.connectors.list(watched)
    const { hour, day, week } = one!.health
    assert.deepEqual([hour.sent > 3500, hour.sent < 3600], [true, true])
    assert.deepEqual([day.sent, day.accepted, day.unknown], [10_000, 9000, 1000])
    assert.deepEqual([week.sent, week.p50Ms, week.p95Ms], [10_000, 100, 100])

    asked.length = 0
    const [plain] = await management.connectors.all(watched)
    assert.deepEqual({ ...plain, health: one!.health }, one)
    assert.deepEqual(asked, ['connectors.list'])
  },
)

async function managed(
  t: Parameters<typeof setUp>[0],
  db: Parameters<typeof setUp>[1],
  instances: NonNullable<Parameters<typeof setUp>[2]>['instances'] & object,
) {
  const all = await setUp(t, db, { instances })
  return { ...all, management: manageMessaging(all.managementDeps) }
}
