import { join } from 'node:path'
import knex, { type Knex } from 'knex'
import { ConfigurationError } from '#config/configuration-error.ts'
import type { Database } from './database.ts'

const config = {
  directory: join(import.meta.dirname, '../../migrations'),
  loadExtensions: ['.ts'],
  // An older release must start on a newer schema while a deployment rolls through the processes.
  disableMigrationsListValidation: true,
}
/** Any number will do, as long as every release uses the same. */
const lockId = 620_731_904

/**
 * Brings the schema up to date. Any number of processes may call it at once: one migrates, the
 * others wait. A migration that was killed half-way leaves nothing that needs hand work, since each
 * runs in a transaction and the lock is the database's own.
 *
 * @throws ConfigurationError when the database can not be reached
 */
export async function migrate(database: Database, url?: string): Promise<void> {
  if (database.kind === 'embedded') {
    await database.knex.migrate.latest(config)
    return
  }
  // Connections of its own: a migration may take longer than a request may wait.
  const connection = { connectionString: url!, connectionTimeoutMillis: 5000 }
  const pool = knex({ client: 'pg', connection, pool: { min: 0, max: 3 }, log: silent })
  const lock = await firstConnection(pool)
  try {
    await lock.query(`select pg_advisory_lock(${lockId})`)
    await pool.migrate.forceFreeMigrationsLock(config)
    await pool.migrate.latest(config)
    await lock.query(`select pg_advisory_unlock(${lockId})`)
  } finally {
    await pool.client.releaseConnection(lock)
    await pool.destroy()
  }
}

/** What goes wrong is thrown; knex would print it as well. */
const silent = { warn() {}, error() {}, debug() {}, deprecate() {} }

/** A start that does not reach its database says so in a line, without the password in the URL. */
const firstConnection = async (pool: Knex) => {
  try {
    return await pool.client.acquireConnection()
  } catch (error) {
    await pool.destroy()
    const { message, errors } = error as AggregateError
    const words = message || (errors ?? []).map((each: Error) => each.message).join(', ')
    throw new ConfigurationError('The database can not be opened.', [`DATABASE_URL: ${words}`])
  }
}
