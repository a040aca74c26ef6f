import { after, type TestContext, test } from 'node:test'
import { type Database, openDatabase } from '#src/db/index.ts'
import { createDatabase, createDataFolder } from './fresh-database.ts'
import type { Scope } from './scope.ts'

/** Every kind of database that is supported; what touches one is tested on all. */
export const databases = ['postgres', 'embedded'] as const
export type DatabaseKind = (typeof databases)[number]

export interface TestDatabase extends Database {
  /** For a second pool on the same database, as another process would have; PostgreSQL only. */
  url: string | null
}

/** A migrated, empty database that this test has to itself, gone when the test ends. */
export const withDatabase = (t: Scope, kind: DatabaseKind = 'postgres'): Promise<TestDatabase> =>
  kind === 'postgres' ? ownDatabase(t) : lentDatabase(t)

/** Registers one test for each kind of database. */
export function testOnBoth(
  name: string,
  run: (t: TestContext, db: TestDatabase) => Promise<void>,
): void {
  for (const kind of databases) {
    test(`${name} (${kind})`, async (t) => run(t, await withDatabase(t, kind)))
  }
}

async function ownDatabase(t: Scope): Promise<TestDatabase> {
  const { url, drop } = await createDatabase()
  const database = await openDatabase({ url, folder: '' })
  t.after(async () => {
    await database.close()
    await drop()
  })
  return { ...database, url }
}

/** Opening an embedded database takes a third of a second and 200 MB, so they are used again. */
const idle: Database[] = []
const cleanups: (() => Promise<void>)[] = []

after(async () => {
  for (const clean of cleanups.splice(0)) await clean()
})

async function lentDatabase(t: Scope): Promise<TestDatabase> {
  const database = idle.pop() ?? (await openCopy())
  t.after(async () => {
    await empty(database)
    idle.push(database)
  })
  return { ...database, url: null }
}

async function openCopy(): Promise<Database> {
  const { folder, remove } = await createDataFolder()
  const database = await openDatabase({ folder })
  cleanups.push(async () => {
    await database.close()
    await remove()
  })
  return database
}

/** Removes every row but those of the migrations' own tables, which hold no others. */
async function empty({ knex }: Database): Promise<void> {
  const { rows } = await knex.raw<{ rows: { name: string }[] }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname = 'public' and tablename not like 'knex%'`,
  )
  const tables = rows.map(({ name }) => name).join(', ')
  if (tables) await knex.raw(`truncate ${tables} restart identity cascade`)
}
