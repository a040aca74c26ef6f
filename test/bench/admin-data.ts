/** A database as it is after years: people, their sign-ins in the log, and what those add up to. */
import pg from 'pg'

export interface Size {
  users: number
  events: number
}

const clients = 5
const days = 90
/** Of one sign-in, in their order. */
const events = [
  'sign_in.started',
  'message.queued',
  'message.accepted',
  'verification.succeeded',
  'sign_in.completed',
  'token.issued',
]
const chunk = 250_000

const people = (from: number, to: number) => `
  with people as (
    insert into users (id, name, created_at, last_sign_in_at)
    select 'person-' || n, (array['Ada','Grace','Edsger','Barbara','Alan'])[1 + n % 5] || ' Sample ' || n,
           now() - ((n % 700) || ' days')::interval, now()
      from generate_series(${from}, ${to}) as n
  )
  insert into identifiers (user_id, type, value, display, verified_at)
  select 'person-' || n, type, value, value, now()
    from generate_series(${from}, ${to}) as n
   cross join lateral (values ('email', 'person' || n || '@example.com'),
                              ('phone', '+4179' || lpad(n::text, 7, '0'))) as two (type, value)`

/** A sign-in is ${events.length} events in a row, of one person at one application. */
const happened = (from: number, to: number, { users, events: all }: Size) => `
  insert into audit_events (at, event, interaction_uid, user_id, client_id, method, channel,
    connector, country, result, address, reference, detail)
  select now() - (${all} - n) * (interval '${days} days' / ${all}),
         (array[${events.map((event) => `'${event}'`).join(',')}])[1 + n % ${events.length}],
         'sign-in-' || s, case when n % ${events.length} > 2 then 'person-' || (s * 7919 % ${users}) end,
         'client-' || (s % ${clients}),
         case when n % ${events.length} in (3, 4) then 'sms-code' end,
         case when n % ${events.length} between 1 and 3 then 'sms' end,
         case when n % ${events.length} between 2 and 3 then 'sms-main' end,
         case when n % ${events.length} between 1 and 3 then (array['CH','DE','FR','AT'])[1 + s % 4] end,
         case when n % ${events.length} = 4 then case when s % 50000 = 0 then 'rare' else 'aal1' end end,
         '198.51.' || (s % 200) || '.' || (s % 250), 'r' || s,
         case when n % ${events.length} = 3 then '{"tookMs":' || (n % 90000) || '}' end
    from generate_series(${from}::bigint, ${to}::bigint) as n
   cross join lateral (select n / ${events.length}) as sign_ins (s)`

/** What all of that adds up to, by hour and day, with the dimensions that it is counted by. */
const statistics = `
  insert into statistics
    (metric, grain, at, client_id, channel, method, connector, country, reason, count)
  select metric, grain, date_trunc(grain, at at time zone 'UTC') at time zone 'UTC',
         'client-' || client, channel, method, connector, country, reason, 40 + client
    from generate_series(now() - interval '${days} days', now(), interval '1 hour') as at
   cross join (values ('hour'), ('day')) as grains (grain)
   cross join generate_series(0, ${clients - 1}) as client
   cross join (values
     ('sign_in.started', '', '', '', '', ''), ('sign_in.completed', '', 'sms-code', '', '', ''),
     ('sign_in.completed', '', 'password totp', '', '', ''), ('token.issued', '', '', '', '', ''),
     ('funnel.started', 'all', '', '', '', ''), ('funnel.verified', 'all', '', '', '', ''),
     ('funnel.issued', 'all', '', '', '', ''), ('funnel.started', 'sms', '', '', '', ''),
     ('funnel.sent', 'sms', '', '', '', ''), ('funnel.accepted', 'sms', '', '', '', ''),
     ('funnel.delivered', 'sms', '', '', '', ''), ('funnel.verified', 'sms', '', '', '', ''),
     ('funnel.issued', 'sms', '', '', '', ''),
     ('verification.failed', 'sms', 'sms-code', '', 'CH', 'incorrect_code'),
     ('message.failed', 'sms', '', 'sms-main', 'CH', 'rejected'),
     ('link.opened', 'email', '', '', '', 'same_browser'),
     ('link.opened', 'email', '', '', '', 'other_browser')
     ) as counted (metric, channel, method, connector, country, reason)
   where grain = 'day' or at > now() - interval '13 days'
  union all
  select metric, grain, date_trunc(grain, at at time zone 'UTC') at time zone 'UTC',
         'client-' || client, 'sms', case metric when 'verification.succeeded' then 'sms-code' else '' end,
         case metric when 'message.queued' then '' else 'sms-main' end, country, '', 9
    from generate_series(now() - interval '${days} days', now(), interval '1 hour') as at
   cross join (values ('hour'), ('day')) as grains (grain)
   cross join generate_series(0, ${clients - 1}) as client
   cross join unnest(array['message.queued', 'message.accepted', 'message.delivered',
     'verification.succeeded']) as metric
   cross join unnest(array['CH','DE','FR','AT','IT','ES','GB','US','PL','NL']) as country
   where grain = 'day' or at > now() - interval '13 days'
  union all
  select 'verified.within', grain, date_trunc(grain, at at time zone 'UTC') at time zone 'UTC',
         'client-' || client, 'sms', '', 'sms-main', '', bucket, 4
    from generate_series(now() - interval '${days} days', now(), interval '1 hour') as at
   cross join (values ('hour'), ('day')) as grains (grain)
   cross join generate_series(0, ${clients - 1}) as client
   cross join unnest(array['5','10','15','20','30','45','60','90','120']) as bucket
   where grain = 'day' or at > now() - interval '13 days'
  on conflict do nothing`

/** Indexes are made once tables are full, which takes a fraction of the time. */
const withoutIndexes = async (
  db: pg.Client,
  tables: readonly string[],
  work: () => Promise<void>,
): Promise<void> => {
  const { rows } = await db.query<{ indexname: string; indexdef: string }>(
    `select indexname, indexdef from pg_indexes where tablename = any($1)
        and indexname not in (select conname from pg_constraint)`,
    [tables],
  )
  for (const { indexname } of rows) await db.query(`drop index ${indexname}`)
  await work()
  for (const { indexdef } of rows) await db.query(indexdef)
}

/** @param say is told how far it is */
export const fill = async (url: string, size: Size, say: (text: string) => void): Promise<void> => {
  const db = new pg.Client(url)
  await db.connect()
  const pieces = async (most: number, sql: (from: number, to: number) => string, what: string) => {
    for (let from = 0; from < most; from += chunk) {
      await db.query(sql(from, Math.min(from + chunk, most) - 1))
      say(`${Math.min(from + chunk, most).toLocaleString('en')} ${what}`)
    }
  }
  try {
    await db.query(`set synchronous_commit = off; set maintenance_work_mem = '512MB'`)
    // Neither references nor triggers: what they would do is done here.
    await db.query('set session_replication_role = replica')
    await withoutIndexes(db, ['users', 'identifiers'], () => pieces(size.users, people, 'users'))
    await db.query(`insert into user_changes (at, created, deleted)
      select created_at::date, count(*), 0 from users group by 1`)
    await db.query('set session_replication_role = origin')
    await withoutIndexes(db, ['audit_events'], () =>
      pieces(size.events, (from, to) => happened(from, to, size), 'events'),
    )
    say('indexes')
    await db.query(statistics)
    await db.query(
      `insert into active_users (day, daily, weekly, monthly)
       select n::date, 40000, 180000, 410000
         from generate_series(now() - interval '${days} days', now(), interval '1 day') as n`,
    )
    // All of it was counted.
    await db.query(
      `insert into event_cursors (name, xid, id, told_id, at)
       select 'events', pg_current_xact_id(), max(id), max(id), max(at) from audit_events`,
    )
    await db.query('vacuum analyze')
  } finally {
    await db.end()
  }
}
