import assert from 'node:assert/strict'
import { webhookDeliveryRepository } from '#src/webhooks/index.ts'
import { testOnBoth } from '../support/database.ts'

testOnBoth('a rare delivery is found page by page, however many lie before it', async (_t, db) => {
  await db.query(
    'test.hooks',
    `insert into webhooks (id, url, events, secret)
     select each, 'https://shop.example/', '{*}', '' from unnest(array['one', 'two']) each`,
  )
  await db.query(
    'test.many',
    `insert into webhook_deliveries (id, webhook_id, event_id, event, body, state, created_at)
     select 'm' || n, case when n > 20550 then 'two' else 'one' end, n,
            case when n = 20500 then 'user.deleted' else 'user.created' end, '{}',
            case when n > 20400 then 'dead' else 'delivered' end, now() - n * interval '1 second'
       from generate_series(1, 20600) n`,
  )
  const list = async (
    filter: { webhookId?: string; state?: 'dead' | 'pending'; event?: string },
    after: readonly [string, string] | null = null,
  ) => {
    const whole = { webhookId: null, state: null, event: null, ...filter }
    const { rows, next } = await webhookDeliveryRepository(db).list(whole, 2, after)
    return { ids: rows.map(({ id }) => id), next }
  }

  for (const filter of [
    { event: 'user.deleted' },
    { webhookId: 'one', event: 'user.deleted' },
    { webhookId: 'one', state: 'dead', event: 'user.deleted' },
  ] as const) {
    const first = await list(filter)
    assert.deepEqual([first.ids, first.next?.[1]], [[], 'm20000'])
    assert.deepEqual(await list(filter, first.next), { ids: ['m20500'], next: null })
  }
  // An index leads to these.
  assert.deepEqual((await list({ state: 'dead' })).ids, ['m20401', 'm20402'])
  assert.deepEqual((await list({ webhookId: 'two' })).ids, ['m20551', 'm20552'])
  assert.deepEqual(await list({ webhookId: 'two', state: 'pending' }), { ids: [], next: null })
})
