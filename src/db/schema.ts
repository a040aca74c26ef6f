import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Db } from './contract.ts'

export interface SchemaState {
  /** Migrations that the database has, oldest first; none: it is empty. */
  applied: readonly string[]
  /** Those of this release that it lacks. */
  pending: readonly string[]
  /** Those of a newer release. */
  unknown: readonly string[]
}

const known = (): string[] =>
  readdirSync(join(import.meta.dirname, '../../migrations'))
    .filter((name) => name.endsWith('.ts'))
    .sort()

/** How far the schema is; changes nothing. */
export const schemaState = async (db: Db): Promise<SchemaState> => {
  const [table] = await db.query<{ there: boolean }>(
    'db.hasMigrations',
    `select to_regclass('knex_migrations') is not null as there`,
  )
  const rows = table?.there
    ? await db.query<{ name: string }>(
        'db.migrations',
        'select name from knex_migrations order by id',
      )
    : []
  const applied = rows.map(({ name }) => name)
  const ours = known()
  return {
    applied,
    pending: ours.filter((name) => !applied.includes(name)),
    unknown: applied.filter((name) => !ours.includes(name)),
  }
}
