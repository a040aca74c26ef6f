import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Consumer, followRepository } from '#src/audit/index.ts'
import type { Db } from '#src/db/contract.ts'
import { openDatabase } from '#src/db/index.ts'
import { countEvents, reports, statisticsRepository } from '#src/statistics/index.ts'
import { testOnBoth, withDatabase } from '../support/database.ts'
import { signIn, write } from './happenings.ts'

const dayMs = 86_400_000
const rolledBack = new Error('rolled back')

/** Sign-ins one after the other, in transactions of all sizes, some of which come to nothing. */
const live = async (db: Db, signIns: number, from: Date): Promise<void> => {
  for (let done = 0; done < signIns; done += 1) {
    const events = signIn(from)
    while (events.length > 0) {
      const together = events.splice(0, 1 + Math.floor(Math.random() * 3))
      const fails = Math.random() < 0.1
      await db
        .transaction(async (tx) => {
          for (const event of together) await write(tx, event)
          await sleep(Math.random() * 10)
          if (fails) throw rolledBack
        })
        .catch((error) => {
          if (error !== rolledBack) throw error
        })
    }
  }
}

const allTold = async (db: Db, consumers: readonly Consumer[]) => {
  // A transaction of somebody else on the same server may be open for a moment.
  const left = async () =>
    (
      await db.query(
        'test.left',
        `select from audit_events e left join event_cursors c on true
          where c.name is null or (e.xid, e.id) > (c.xid, c.id)`,
      )
    ).length
  while ((await left()) > 0) {
    await followRepository(db).follow(consumers)
    await sleep(5)
  }
}

/** The same numbers, counted from the log itself. */
const assertExact = async (db: Db): Promise<void> => {
  const [wrong] = await db.query<{ wrong: unknown[] | null }>(
    'test.counted',
    `with each as (
       select event as metric, at, event, coalesce(client_id, '') as client,
              case when event ~ '^(message|link|verification)' then coalesce(channel, '') else '' end
                as channel,
              case when event ~ '^verification|completed|issued' then coalesce(method, '') else '' end
                as method,
              case when event ~ 'accepted|failed|delivered|succeeded' and event <> 'verification.failed'
                   then coalesce(connector, '') else '' end as connector,
              case when event ~ '^(message|verification)' then coalesce(country, '') else '' end
                as country,
              case when event ~ 'refused|failed|opened' then coalesce(result, '') else '' end as reason
         from audit_events
     ), expected as (
       select metric, grain, date_trunc(grain, at at time zone 'UTC') at time zone 'UTC' as at, client,
              channel, method, connector, country, reason, count(*) as count
         from each cross join (values ('hour'), ('day')) as grains (grain)
        group by 1, 2, 3, 4, 5, 6, 7, 8, 9
     ), found as (
       select * from statistics where metric !~ '^(funnel|users|verified)'
     )
     select json_agg(d) as wrong from (
       (select * from expected except select * from found) union all
       (select * from found except select * from expected)) d`,
  )
  assert.equal(wrong?.wrong, null)

  const [funnel] = await db.query<{ wrong: unknown[] | null }>(
    'test.funnel',
    `with staged as (
       select e.*, stage from audit_events e join (values
           ('sign_in.started', 'started'), ('message.refused', 'started'), ('message.queued', 'started'),
           ('message.queued', 'sent'), ('message.accepted', 'accepted'),
           ('message.delivered', 'delivered'), ('verification.succeeded', 'verified'),
           ('sign_in.completed', 'completed'), ('token.issued', 'issued')) as s (event, stage)
         using (event) where interaction_uid is not null
     ), by_channel as (
       select interaction_uid, channel, stage from staged where channel is not null
       union
       select s.interaction_uid, v.channel, s.stage from staged s join staged v
           on v.interaction_uid = s.interaction_uid and v.stage = 'verified' and v.channel is not null
        where s.stage in ('completed', 'issued')
       union
       select interaction_uid, 'all', stage from staged
     ), began as (
       select b.interaction_uid, b.channel, first.at, coalesce(first.client_id, '') as client
         from (select distinct interaction_uid, channel from by_channel) b
        cross join lateral (
          select at, client_id from staged s
           where s.interaction_uid = b.interaction_uid
             and (b.channel = 'all' or s.channel = b.channel)
           order by xid, id limit 1) first
     ), expected as (
       select 'funnel.' || stage as metric,
              date_trunc('day', at at time zone 'UTC') at time zone 'UTC' as at, client, channel,
              count(*) as count
         from by_channel join began using (interaction_uid, channel) group by 1, 2, 3, 4
     ), found as (
       select metric, at, client_id, channel, count from statistics
        where metric ~ '^funnel' and grain = 'day'
     )
     select json_agg(d) as wrong from (
       (select * from expected except select * from found) union all
       (select * from found except select * from expected)) d`,
  )
  assert.equal(funnel?.wrong, null)

  const [active] = await db.query<{ wrong: unknown[] | null }>(
    'test.active',
    `with here as (
       select distinct user_id, (at at time zone 'UTC')::date as day from audit_events
        where event in ('sign_in.completed', 'token.issued') and user_id is not null
     ), expected as (
       select day::date,
              (select count(distinct user_id) from here h where h.day = d.day) as daily,
              (select count(distinct user_id) from here h
                where h.day > d.day - interval '7 days' and h.day <= d.day) as weekly,
              (select count(distinct user_id) from here h
                where h.day > d.day - interval '30 days' and h.day <= d.day) as monthly
         from generate_series((select min(day) from here), (select max(day) + 29 from here),
                interval '1 day') as d (day)
     ), found as (
       select day, daily, weekly, monthly from active_users
     )
     select json_agg(d) as wrong from (
       (select * from expected where monthly > 0 except select * from found) union all
       (select * from found except select * from expected)) d`,
  )
  assert.equal(active?.wrong, null)
}

test('what several processes write at once is counted exactly, by two that count', async (t) => {
  const db = await withDatabase(t)
  const other = await openDatabase({ url: db.url!, folder: '' })
  t.after(() => other.close())
  const from = new Date(Date.now() - 60 * dayMs)
  let writing = true
  let told = 0
  const count = async (one: Db) => {
    while (writing) {
      told += await followRepository(one).follow([countEvents])
      await sleep(Math.random() * 5)
    }
  }
  const counting = [count(db), count(other)]
  await Promise.all(Array.from({ length: 8 }, (_, at) => live(at % 2 ? db : other, 40, from)))
  writing = false
  await Promise.all(counting)
  assert.ok(told > 0, 'it was counted while it was written')
  await allTold(db, [countEvents])
  await assertExact(db)
})

testOnBoth('counting that ends half-way begins again where it was', async (t, db) => {
  await live(db, 60, new Date(Date.now() - 60 * dayMs))
  let tries = 0
  const dies: Consumer = async () => {
    tries += 1
    if (tries < 4) throw new Error('killed')
  }
  // Nothing is told while anybody, of any database, has an older transaction open.
  const untilItDies = async () => {
    for (let at = 0; at < 1000; at += 1) {
      await followRepository(db).follow([countEvents, dies])
      await sleep(5)
    }
  }
  for (let at = 0; at < 3; at += 1) await assert.rejects(untilItDies(), /killed/)
  t.diagnostic(`${tries} tries`)
  await allTold(db, [countEvents, dies])
  await assertExact(db)
})

testOnBoth(
  'a log that was restored on a server with lower numbers is told once',
  async (_t, db) => {
    const seen: string[] = []
    const remember: Consumer = async (_tx, events) => {
      seen.push(...events.map(({ result }) => result!))
    }
    const happened = (result: string) => write(db, { at: new Date(), event: 'test', result })
    const insert = (result: string, xid: string) =>
      db.query(
        'test.restored',
        `insert into audit_events (event, result, xid) values ('test', $1, $2)`,
        [result, xid],
      )
    await insert('old', '9000000000')
    await insert('older', '700')
    await insert('not told yet', '9000000001')
    await db.query(
      'test.cursor',
      `insert into event_cursors (name, xid, id, told_id) select 'events', '9000000000', min(id), min(id) + 1
       from audit_events`,
    )
    await happened('first')
    for (let at = 0; at < 3; at += 1) await followRepository(db).follow([remember])
    await happened('second')
    while (seen.length < 3) await followRepository(db).follow([remember])
    assert.deepEqual(seen, ['not told yet', 'first', 'second'])
  },
)

testOnBoth('people are counted whoever adds or removes them', async (_t, db) => {
  const add = (count: number) =>
    db.query(
      'test.people',
      `insert into users (id) select gen_random_uuid() from generate_series(1, $1)`,
      [count],
    )
  await add(5)
  await add(0)
  await db.query('test.fewer', 'delete from users where id in (select id from users limit 2)')
  while (await statisticsRepository(db).collectUserChanges());
  const { users } = await reports(db).overview({
    since: null,
    until: null,
    clientId: null,
    channel: null,
  })
  assert.deepEqual(users, { total: 3, created: 5, deleted: 2 })
})
