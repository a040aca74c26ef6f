import type { Db } from '#src/db/contract.ts'

export interface SendLimit {
  resendSeconds: readonly number[]
  perHour: number
  perDay: number
}

/** How often one address may do something in a window. */
export interface AddressLimit {
  key: Buffer
  most: number
  windowSeconds: number
}

export type SendOutcome =
  | { sent: true; nextSeconds: number }
  | { sent: false; waitSeconds: number; why: 'cooling' | 'budget' | 'address' }

/** The rest of an `insert into address_limits as a`; `seconds` is the place of the window's length. */
const countInWindow = (seconds: string): string =>
  `on conflict (key) do update set
     count = case when a.window_at < now() - make_interval(secs => ${seconds}) then 1
                  else a.count + 1 end,
     window_at = case when a.window_at < now() - make_interval(secs => ${seconds}) then now()
                      else a.window_at end
   returning count,
     extract(epoch from window_at + make_interval(secs => ${seconds}) - now())::float8 as wait`

/** Counters, each taken in one statement, so that requests at the same moment are all counted. */
export const limitRepository = (db: Db) => ({
  /**
   * Counts who asks, and takes one message from the budget of an identifier. Of a hundred that ask at
   * the same moment, one gets it, since the first sets the time of the next. An address that has asked
   * too often takes nothing.
   */
  async takeSend(
    key: Buffer,
    limit: SendLimit,
    address: AddressLimit | null,
  ): Promise<SendOutcome> {
    const { resendSeconds, perHour, perDay } = limit
    const [taken] = await db.query<{ asked: number | null; wait: number; next: number | null }>(
      'limits.send.take',
      `with visitor as (
         insert into address_limits as a (key, window_at, count)
         select $5::bytea, now(), 1 where $5::bytea is not null
         ${countInWindow('$7')}
       ), sent as (
         insert into send_limits as l (key, hour_at, hour_count, day_at, day_count, in_row, next_at)
         select $1, now(), 1, now(), 1, 1, now() + make_interval(secs => ($2::int[])[1])
          where not exists (select from visitor where count > $6::int)
         on conflict (key) do update set
           hour_at = case when l.hour_at < now() - interval '1 hour' then now() else l.hour_at end,
           hour_count = case when l.hour_at < now() - interval '1 hour' then 1 else l.hour_count + 1 end,
           day_at = case when l.day_at < now() - interval '1 day' then now() else l.day_at end,
           day_count = case when l.day_at < now() - interval '1 day' then 1 else l.day_count + 1 end,
           in_row = case when l.hour_at < now() - interval '1 hour' then 1 else l.in_row + 1 end,
           next_at = now() + make_interval(secs => ($2::int[])[
             case when l.hour_at < now() - interval '1 hour' then 1
                  else least(l.in_row + 1, array_length($2::int[], 1)) end])
         where l.next_at <= now()
           and (l.hour_count < $3 or l.hour_at < now() - interval '1 hour')
           and (l.day_count < $4 or l.day_at < now() - interval '1 day')
         returning extract(epoch from next_at - now())::float8 as next
       )
       select (select count from visitor)::int as asked, (select wait from visitor) as wait,
              (select next from sent) as next`,
      [
        key,
        resendSeconds,
        perHour,
        perDay,
        address?.key ?? null,
        address?.most ?? 0,
        address?.windowSeconds ?? 0,
      ],
    )
    if (typeof taken?.next === 'number') return { sent: true, nextSeconds: Math.ceil(taken.next) }
    if (address && taken?.asked && taken.asked > address.most) {
      return { sent: false, waitSeconds: Math.max(Math.ceil(taken.wait), 1), why: 'address' }
    }
    const [row] = await db.query<{ cooling: number; hour: number; day: number }>(
      'limits.send.why',
      `select extract(epoch from next_at - now())::float8 as cooling,
              case when hour_count >= $2
                then extract(epoch from hour_at + interval '1 hour' - now()) else 0 end::float8 as hour,
              case when day_count >= $3
                then extract(epoch from day_at + interval '1 day' - now()) else 0 end::float8 as day
         from send_limits where key = $1`,
      [key, perHour, perDay],
    )
    const budget = Math.max(row?.hour ?? 0, row?.day ?? 0)
    const waitSeconds = Math.max(Math.ceil(Math.max(budget, row?.cooling ?? 0)), 1)
    return { sent: false, waitSeconds, why: budget <= 0 ? 'cooling' : 'budget' }
  },

  /** Seconds until the next message may be asked for; 0 when it may be now. */
  async sendWait(key: Buffer): Promise<number> {
    const [row] = await db.query<{ wait: number }>(
      'limits.send.wait',
      `select extract(epoch from next_at - now())::float8 as wait from send_limits where key = $1`,
      [key],
    )
    return Math.max(Math.ceil(row?.wait ?? 0), 0)
  },

  /** Counts one use of an address in its window; the seconds until the next, or null if it may. */
  async takeAddress({ key, most, windowSeconds }: AddressLimit): Promise<number | null> {
    const [row] = await db.query<{ count: number; wait: number }>(
      'limits.address.take',
      `insert into address_limits as a (key, window_at, count) values ($1, now(), 1)
       ${countInWindow('$2')}`,
      [key, windowSeconds],
    )
    return row && row.count > most ? Math.max(Math.ceil(row.wait), 1) : null
  },

  /**
   * Counts a try as a failure before it is compared; success clears it. The failure that reaches the
   * limit closes the factor, each time for twice as long, up to a day.
   *
   * @returns seconds for which the factor is closed, or null if this try may be compared
   */
  async takeAttempt(key: Buffer, failures: number, lockSeconds: number): Promise<number | null> {
    const rows = await db.query(
      'limits.attempt.take',
      `insert into attempts as a (key, failures, locks, updated_at) values ($1, 1, 0, now())
       on conflict (key) do update set
         failures = case when a.failures >= $2 then 1 else a.failures + 1 end,
         locks = case when a.updated_at < now() - interval '1 day' then 0 else a.locks end
               + case when a.failures + 1 = $2 then 1 else 0 end,
         locked_until = case when a.failures + 1 = $2
           then now() + make_interval(secs => least($3 * power(2, case when a.updated_at <
                  now() - interval '1 day' then 0 else a.locks end), 86400))
           else null end,
         updated_at = now()
       where a.locked_until is null or a.locked_until <= now()
       returning 1`,
      [key, failures, lockSeconds],
    )
    if (rows.length === 1) return null
    const [row] = await db.query<{ wait: number }>(
      'limits.attempt.wait',
      'select extract(epoch from locked_until - now())::float8 as wait from attempts where key = $1',
      [key],
    )
    return Math.max(Math.ceil(row?.wait ?? 0), 1)
  },

  async clearAttempts(key: Buffer): Promise<void> {
    await db.query('limits.attempt.clear', 'delete from attempts where key = $1', [key])
  },

  /** Removes what no longer limits anyone. */
  async sweep(): Promise<void> {
    await db.query(
      'limits.sweep.send',
      `delete from send_limits where day_at < now() - interval '2 days'`,
    )
    await db.query(
      'limits.sweep.address',
      `delete from address_limits where window_at < now() - interval '1 day'`,
    )
    await db.query(
      'limits.sweep.attempts',
      `delete from attempts where updated_at < now() - interval '2 days'`,
    )
  },
})
