import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type Database, migrate, openDatabase } from '#src/db/index.ts'
import { testOnBoth } from '../support/database.ts'
import { createDatabase } from '../support/fresh-database.ts'

const files = await readdir(join(import.meta.dirname, '../../migrations'))

async function start(t: TestContext, url: string) {
  const db = await openDatabase({ url, folder: '' })
  t.after(db.close)
  return db
}

interface Migration {
  down(knex: Database['knex']): Promise<void>
}

const applied = `select name from knex_migrations order by name`

test('processes that start at once on an empty database migrate it once', async (t) => {
  const { url, drop } = await createDatabase('empty')
  const processes = await Promise.all([start(t, url), start(t, url), start(t, url)])
  t.after(drop)
  await Promise.all(processes.map((db) => migrate(db, url)))
  const rows = await processes[0]!.query<{ name: string }>('test.applied', applied)
  assert.deepEqual(
    rows.map(({ name }) => name),
    files.sort(),
  )
})

test('a lock that a killed process left behind stops no later start', async (t) => {
  const { url, drop } = await createDatabase()
  const db = await start(t, url)
  t.after(drop)
  const last = files.sort().at(-1)!
  const { down } = (await import(`../../migrations/${last}`)) as Migration
  await down(db.knex)
  await db.knex('knex_migrations').where({ name: last }).del()
  await db.knex('knex_migrations_lock').update({ is_locked: 1 })

  await migrate(db, url)
  const rows = await db.query<{ name: string }>('test.applied', applied)
  assert.equal(rows.at(-1)?.name, last)
})

testOnBoth('migrating what is up to date changes nothing', async (_t, db) => {
  const before = await db.query('test.applied', applied)
  await migrate(db, db.url ?? undefined)
  assert.deepEqual(await db.query('test.applied', applied), before)
})
