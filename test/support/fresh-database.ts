/**
 * Databases that are already migrated, quickly: migrated once for each state of `migrations/`, then
 * copied. Nothing here needs the test runner, so benchmarks may use it too.
 */
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, globSync, rmSync } from 'node:fs'
import { cp, mkdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { migrate, openDatabase } from '#src/db/index.ts'
import { temporaryFolder } from './folders.ts'
import { startPostgres } from './postgres.ts'

/** Whoever builds the template holds this advisory lock; any number will do. */
const buildLock = 73_105_529
const buildMs = 120_000

const once = <T>(make: () => Promise<T>) => {
  let made: Promise<T> | null = null
  return () => {
    made ??= make()
    return made
  }
}

/** A server of this process's own where the runner has not brought one. */
const serverUrl = once(async () => process.env.TEST_DATABASE_URL || (await startPostgres()).url)

const named = (url: string, database: string): string => {
  const changed = new URL(url)
  changed.pathname = `/${database}`
  return changed.href
}

async function asAdmin<T>(work: (client: pg.Client, url: string) => Promise<T>): Promise<T> {
  const url = await serverUrl()
  const client = new pg.Client(url)
  await client.connect()
  try {
    return await work(client, url)
  } finally {
    await client.end()
  }
}

/** Name of a migrated database that nobody connects to. */
const postgresTemplate = once(async () => {
  const name = `avouch_template_${await migrationsHash()}`
  await asAdmin(async (admin, url) => {
    await admin.query(`select pg_advisory_lock(${buildLock})`)
    const { rowCount } = await admin.query('select from pg_database where datname = $1', [name])
    if (rowCount) return
    const building = `${name}_building`
    await admin.query(`drop database if exists "${building}" with (force)`)
    await admin.query(`create database "${building}" template template0`)
    const database = await openDatabase({ url: named(url, building), folder: '' })
    await migrate(database, named(url, building))
    await database.close()
    // The name is the proof that it is complete: a killed run leaves none.
    await admin.query(`alter database "${building}" rename to "${name}"`)
    await admin.query(`alter database "${name}" allow_connections false`)
  })
  return name
})

async function migrationsHash(): Promise<string> {
  const hash = createHash('sha256')
  const root = join(import.meta.dirname, '../../migrations')
  for (const file of globSync('*.ts', { cwd: root }).sort()) {
    hash.update(file).update(await readFile(join(root, file)))
  }
  return hash.digest('hex').slice(0, 16)
}

export interface FreshDatabase {
  url: string
  drop(): Promise<void>
}

/** A PostgreSQL database of one's own; `empty` has not been migrated. */
export async function createDatabase(state: 'migrated' | 'empty' = 'migrated') {
  const template = state === 'empty' ? 'template0' : await postgresTemplate()
  const name = `avouch_${randomUUID().replaceAll('-', '')}`
  const url = await asAdmin(async (admin, server) => {
    await admin.query(`create database "${name}" template "${template}"`)
    return named(server, name)
  })
  const drop = () =>
    asAdmin(async (admin) => {
      await admin.query(`drop database if exists "${name}" with (force)`)
    })
  return { url, drop } satisfies FreshDatabase
}

/** A data folder with a migrated database, which is closed; one for all processes of a run. */
const embeddedTemplate = once(async () => {
  const shared = process.env.TEST_FOLDER || (await ownFolder())
  const template = join(shared, 'embedded')
  // Whoever makes this folder makes the database, and the others wait for it.
  const first = await mkdir(join(shared, 'embedded-claim')).then(
    () => true,
    () => false,
  )
  if (first) {
    const building = join(shared, 'embedded-building')
    const database = await openDatabase({ folder: building })
    await migrate(database)
    await database.close()
    await rename(building, template)
  }
  const deadline = Date.now() + buildMs
  while (!existsSync(template)) {
    if (Date.now() > deadline) throw new Error('The embedded database was not made in time')
    await sleep(100)
  }
  return template
})

/** Goes with this process; no runner is there to remove it. */
async function ownFolder(): Promise<string> {
  const folder = await temporaryFolder('templates')
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A data folder of one's own with a migrated embedded database in it. */
export async function createDataFolder(): Promise<{ folder: string; remove(): Promise<void> }> {
  const template = await embeddedTemplate()
  const folder = await temporaryFolder('data')
  await cp(template, folder, { recursive: true })
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}
