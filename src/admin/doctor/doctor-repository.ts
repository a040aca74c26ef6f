import type { Db } from '#src/db/contract.ts'

/** What the database says of itself. */
export const doctorRepository = (db: Db) => ({
  /** Such as 16.3, and as a number that compares: 160003. */
  async version(): Promise<{ version: string; number: number }> {
    const [row] = await db.query<{ version: string; number: number }>(
      'doctor.version',
      `select current_setting('server_version') as version,
              current_setting('server_version_num')::int as number`,
    )
    return row!
  },

  /** Its clock, in milliseconds since 1970. */
  async clock(): Promise<number> {
    const [row] = await db.query<{ now: number }>(
      'doctor.clock',
      'select (extract(epoch from clock_timestamp()) * 1000)::float8 as now',
    )
    return row!.now
  },

  /** Of all processes of this deployment. */
  async connections(): Promise<number> {
    const [row] = await db.query<{ count: number }>(
      'doctor.connections',
      `select count(*)::int as count from pg_stat_activity
        where datname = current_database() and application_name = 'avouch'`,
    )
    return row!.count
  },

  /** Rows of each table, as the planner estimates them: counting would take its time. */
  async sizes(): Promise<Record<string, number>> {
    const rows = await db.query<{ name: string; rows: number }>(
      'doctor.sizes',
      `select relname as name, greatest(reltuples, 0)::float8 as rows from pg_class
        where relkind = 'r' and relnamespace = 'public'::regnamespace order by relname`,
    )
    return Object.fromEntries(rows.map(({ name, rows }) => [name, rows]))
  },
})
