import assert from 'node:assert/strict'
import { manageMessaging } from '#src/messaging/index.ts'
import { testOnBoth } from '../support/database.ts'
import { setUp } from './support.ts'

testOnBoth('a rare message is found page by page, however many lie before it', async (t, db) => {
  const { managementDeps } = await setUp(t, db)
  const { deliveries } = manageMessaging(managementDeps)
  await db.query(
    'test.messages',
    `insert into deliveries (id, channel, recipient_hash, recipient_masked, usage_type, state, country,
                             created_at, expires_at, finished_at)
     select 'd' || n, 'sms', case when n % 2 = 0 then decode('01', 'hex') else decode('02', 'hex') end,
            '+41•••67', 'SignIn', case when n = 20500 then 'failed' else 'accepted' end, 'CH', at, at, at
       from generate_series(1, 20600) n, lateral (select now() - n * interval '1 second') as a (at)`,
  )
  const any = {
    channel: null,
    state: null,
    connectorId: null,
    country: null,
    since: null,
    until: null,
    interactionUid: null,
    test: null,
  }
  const list = (filter: object, after: readonly [string, string] | null = null) =>
    deliveries.list(db, { ...any, ...filter }, null, after, 25)

  const first = await list({ state: 'failed' })
  assert.deepEqual(first.deliveries, [])
  assert.equal(first.next?.[1], 'd20000')
  const second = await list({ state: 'failed' }, first.next)
  assert.deepEqual([second.deliveries.map(({ id }) => id), second.next], [['d20500'], null])

  // Of what an index leads to, no stretch is needed; a period makes it shorter.
  const since = new Date(Date.now() - 20_550_000)
  const until = new Date(Date.now() - 20_000_000)
  const within = await list({ state: 'failed', country: 'CH', since, until })
  assert.deepEqual([within.deliveries.map(({ id }) => id), within.next], [['d20500'], null])
  const whole = await list({})
  assert.deepEqual([whole.deliveries.length, whole.next?.[1]], [25, 'd25'])
})
