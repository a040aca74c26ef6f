import { join } from 'node:path'
import knex from 'knex'
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
 */
export async function migrate(database: Database, url?: string): Promise<void> {
  if (database.kind === 'embedded') {
    await database.knex.migrate.latest(config)
    return
  }
  // Connections of its own: a migration may take longer than a request may wait.
  const pool = knex({ client: 'pg', connection: url!, pool: { min: 0, max: 3 } })
  const lock = await pool.client.acquireConnection()
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
