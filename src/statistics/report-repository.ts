import type { Db } from '#src/db/contract.ts'
import type { Dimensions } from './contract.ts'

export type Grain = 'hour' | 'day'

/** What is added up for a report. */
export interface Asked {
  grain: Grain
  since: Date
  until: Date
  clientId: string | null
  channel: string | null
}

export type By = keyof Dimensions | 'at'

/** So many of a metric, with the dimensions that were asked for. */
export type Sum = Partial<Dimensions> & { metric: string; at?: Date; count: number }

const columns: Record<By, string> = {
  at: 'at',
  clientId: 'client_id as "clientId"',
  channel: 'channel',
  method: 'method',
  connector: 'connector',
  country: 'country',
  reason: 'reason',
}

export interface Active {
  day: string
  daily: number
  weekly: number
  monthly: number
}

/** Reads what was added up; never the log. */
export const reportRepository = (db: Db) => ({
  sums: (asked: Asked, metrics: readonly string[], by: readonly By[]): Promise<Sum[]> =>
    db.query<Sum & object>(
      `statistics.sums.${by.join('.')}`,
      `select metric, ${by.map((each) => `${columns[each]}, `).join('')}
              sum(count)::float8 as count
         from statistics
        where metric = any($1) and grain = $2 and at >= $3 and at < $4
          and ($5::text is null or client_id = $5) and ($6::text is null or channel = $6)
        group by ${['metric', ...by.map((each) => columns[each].split(' ')[0])].join(', ')}`,
      [metrics, asked.grain, asked.since, asked.until, asked.clientId, asked.channel],
    ),

  /** By day; a day that nobody was here in the 30 days before is left out. */
  active: ({ since, until }: Pick<Asked, 'since' | 'until'>): Promise<Active[]> =>
    db.query<Active>(
      'statistics.active',
      `select to_char(day, 'YYYY-MM-DD') as day, daily::float8 as daily, weekly::float8 as weekly,
              monthly::float8 as monthly
         from active_users
        where day >= ($1::timestamptz at time zone 'UTC')::date
          and day < $2::timestamptz at time zone 'UTC' order by day`,
      [since, until],
    ),

  /** Since the beginning, as long as it is before `until`. */
  userChanges: (until: Date): Promise<{ at: Date; created: number; deleted: number }[]> =>
    db.query(
      'statistics.userChanges',
      `select at, coalesce(sum(count) filter (where metric = 'users.created'), 0)::float8 as created,
              coalesce(sum(count) filter (where metric = 'users.deleted'), 0)::float8 as deleted
         from statistics
        where metric in ('users.created', 'users.deleted') and grain = 'day' and at < $1
        group by at order by at`,
      [until],
    ),
})

export type Reports = ReturnType<typeof reportRepository>
