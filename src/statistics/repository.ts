import type { Db } from '#src/db/contract.ts'
import type { Counter, Progress } from './contract.ts'

interface ProgressRow {
  interaction_uid: string
  channel: string
  client_id: string
  at: Date
  stages: number
}

/** A person who did something at an instant. */
export interface Activity {
  userId: string
  at: Date
}

const columnOf = <T, K extends keyof T>(rows: readonly T[], key: K): T[K][] =>
  rows.map((row) => row[key])

/** What events add up to. Only whoever follows the log writes here, one at a time. */
export const statisticsRepository = (db: Db) => ({
  async add(counters: readonly Counter[]): Promise<void> {
    if (counters.length === 0) return
    await db.query(
      'statistics.add',
      `insert into statistics
         (metric, grain, at, client_id, channel, method, connector, country, reason, count)
       select metric, grain, date_trunc(grain, at at time zone 'UTC') at time zone 'UTC',
              client_id, channel, method, connector, country, reason, sum(count)
         from unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[],
                $7::text[], $8::text[], $9::bigint[])
           as each (metric, at, client_id, channel, method, connector, country, reason, count)
        cross join (values ('hour'), ('day')) as grains (grain)
        group by 1, 2, 3, 4, 5, 6, 7, 8, 9
       on conflict (metric, grain, at, client_id, channel, method, connector, country, reason)
         do update set count = statistics.count + excluded.count`,
      [
        columnOf(counters, 'metric'),
        columnOf(counters, 'at'),
        columnOf(counters, 'clientId'),
        columnOf(counters, 'channel'),
        columnOf(counters, 'method'),
        columnOf(counters, 'connector'),
        columnOf(counters, 'country'),
        columnOf(counters, 'reason'),
        columnOf(counters, 'count'),
      ],
    )
  },

  async progress(interactionUids: readonly string[]): Promise<Progress[]> {
    const rows = await db.query<ProgressRow>(
      'statistics.progress',
      `select interaction_uid, channel, client_id, at, stages from funnels
        where interaction_uid = any($1)`,
      [interactionUids],
    )
    return rows.map(({ interaction_uid, channel, client_id, at, stages }) => ({
      interactionUid: interaction_uid,
      channel,
      clientId: client_id,
      at,
      reached: stages,
    }))
  },

  async keepProgress(all: readonly Progress[]): Promise<void> {
    if (all.length === 0) return
    await db.query(
      'statistics.keepProgress',
      `insert into funnels (interaction_uid, channel, client_id, at, stages)
       select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::int[])
       on conflict (interaction_uid, channel) do update set stages = excluded.stages`,
      [
        columnOf(all, 'interactionUid'),
        columnOf(all, 'channel'),
        columnOf(all, 'clientId'),
        columnOf(all, 'at'),
        columnOf(all, 'reached'),
      ],
    )
  },

  /**
   * Counts each person once in a day, and once within the 7 and the 30 days that end with any day, in
   * whatever order their days come. A day at which somebody is counted belongs to the last day before
   * it at which they were here: so what a new day adds is what lies between it and the next one, less
   * what an earlier one had covered.
   */
  async addActive(all: readonly Activity[]): Promise<void> {
    if (all.length === 0) return
    await db.query(
      'statistics.addActive',
      `with fresh as (
         insert into active_days (user_id, day)
         select distinct user_id, (at at time zone 'UTC')::date
           from unnest($1::text[], $2::timestamptz[]) as each (user_id, at)
         on conflict do nothing returning user_id, day
       ), beside as (
         select day,
                (select max(a.day) from active_days a
                  where a.user_id = f.user_id and a.day < f.day) as before,
                least((select min(a.day) from active_days a
                        where a.user_id = f.user_id and a.day > f.day),
                      lead(day) over (partition by user_id order by day)) as after
           from fresh f
       ), covered as (
         select days, greatest(day, before + days) as first,
                least(day + days - 1, after - 1) as last
           from beside cross join (values (1), (7), (30)) as lengths (days)
       ), counts as (
         select first + ahead as day,
                count(*) filter (where days = 1) as daily,
                count(*) filter (where days = 7) as weekly,
                count(*) filter (where days = 30) as monthly
           from covered cross join lateral generate_series(0, last - first) as ahead
          group by 1
       )
       insert into active_users (day, daily, weekly, monthly)
       select day, daily, weekly, monthly from counts
       on conflict (day) do update set daily = active_users.daily + excluded.daily,
         weekly = active_users.weekly + excluded.weekly,
         monthly = active_users.monthly + excluded.monthly`,
      [columnOf(all, 'userId'), columnOf(all, 'at')],
    )
  },

  /** People who were added and removed since the last time. */
  async collectUserChanges(): Promise<boolean> {
    const rows = await db.query(
      'statistics.collectUsers',
      `with gone as (
         delete from user_changes where ctid in (select ctid from user_changes limit 10000)
         returning at, created, deleted
       ), changes as (
         select metric, date_trunc('day', at at time zone 'UTC') at time zone 'UTC' as day,
                sum(case metric when 'users.created' then created else deleted end) as count
           from gone cross join (values ('users.created'), ('users.deleted')) as two (metric)
          group by 1, 2
       )
       insert into statistics
         (metric, grain, at, client_id, channel, method, connector, country, reason, count)
       select metric, 'day', day, '', '', '', '', '', '', count from changes where count > 0
       on conflict (metric, grain, at, client_id, channel, method, connector, country, reason)
         do update set count = statistics.count + excluded.count
       returning 1`,
    )
    return rows.length > 0
  },

  /** What is too old to change anything any more; `statistics` by day stay. */
  async sweep(): Promise<void> {
    const told = `(select least(now(), max(at)) from event_cursors)`
    for (const [name, table, where] of [
      ['hours', 'statistics', `grain = 'hour' and at < ${told} - interval '14 days'`],
      ['funnels', 'funnels', `at < ${told} - interval '3 days'`],
      ['days', 'active_days', `day < (${told} - interval '60 days')::date`],
    ]) {
      await db.query(
        `statistics.sweep.${name}`,
        `delete from ${table} where ctid in (select ctid from ${table} where ${where} limit 1000)`,
      )
    }
  },
})
