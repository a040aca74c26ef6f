import knex, { type Knex } from 'knex'
import type { Db } from './contract.ts'
import { type Embedded, openEmbedded } from './embedded.ts'
import { asProblem, breaksConnection } from './failures.ts'
import { waitOnce } from './request.ts'

export interface DatabaseOptions {
  /** PostgreSQL 14 or later; without it, the embedded database in `folder`. */
  url?: string | undefined
  /** Folder of the embedded database; `memory://` keeps nothing. */
  folder: string
  /** Connections of this process. Unused on the embedded database, which has one session. */
  poolSize?: number
  /** Said of this process to a second one that finds the embedded database in use. */
  owner?: string
  log?: { warn(words: string): void }
}

export interface Database extends Db {
  kind: 'postgres' | 'embedded'
  /** For migrations and composed queries; frequent statements go through `query`. */
  knex: Knex
  close(): Promise<void>
}

interface Connection {
  query(query: {
    name?: string
    text: string
    values?: readonly unknown[]
    query_timeout?: number
  }): Promise<{ rows: unknown[] }>
  /** Knex looks at this before it lends a connection again. */
  __knex__disposed?: unknown
}

/** A caller hears of trouble within this time, waiting for a connection included. */
const patienceMs = 1800
const embeddedPatienceMs = 15_000

/** Opens the database; nothing is migrated yet. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const embedded = options.url ? null : await openEmbedded(options.folder, options.owner)
  const patience = embedded ? embeddedPatienceMs : patienceMs
  const pool = knex({
    client: 'pg',
    connection: embedded ? embedded.connection : postgres(options.url!),
    pool: embedded ? { min: 1, max: 1 } : { min: 0, max: options.poolSize ?? 10 },
    acquireConnectionTimeout: patience,
    log: quiet(options.log),
  })
  return { kind: embedded ? 'embedded' : 'postgres', knex: pool, ...over(pool, patience, embedded) }
}

const postgres = (url: string) => ({
  connectionString: url,
  application_name: 'avouch',
  connectionTimeoutMillis: 1500,
  statement_timeout: 5000,
  lock_timeout: 2000,
  idle_in_transaction_session_timeout: 10_000,
  keepAlive: true,
})

/** Knex prints to the console otherwise. */
const quiet = (log?: { warn(words: string): void }) => {
  const warn = (words: unknown) => log?.warn(String((words as Error)?.message ?? words))
  return { warn, error: warn, deprecate: warn, debug: () => {} }
}

const over = (pool: Knex, patience: number, embedded: Embedded | null) => {
  const acquire = async (): Promise<Connection> => {
    try {
      return await pool.client.acquireConnection()
    } catch (error) {
      throw asProblem(error)
    }
  }

  const run = async (
    connection: Connection,
    deadline: number,
    query: Parameters<Connection['query']>[0],
  ) => {
    try {
      const left = Math.max(deadline - performance.now(), 100)
      const { rows } = await connection.query(embedded ? query : { ...query, query_timeout: left })
      return rows as never[]
    } catch (error) {
      if (breaksConnection(error)) connection.__knex__disposed = error
      throw asProblem(error)
    }
  }

  const within = (connection: Connection): Db => {
    const db: Db = {
      query: (name, text, values = []) =>
        run(connection, performance.now() + patience, { name, text, values }),
      transaction: (work) => work(db),
    }
    return db
  }

  const undo = async (connection: Connection): Promise<void> => {
    // Nothing comes back over a connection that is lost; PostgreSQL undoes what it had begun.
    if (connection.__knex__disposed) return
    try {
      await run(connection, performance.now() + patience, { text: 'rollback' })
    } catch (error) {
      connection.__knex__disposed = error
    }
  }

  return {
    query: <R extends object>(
      name: string,
      text: string,
      values: readonly unknown[] = [],
    ): Promise<R[]> =>
      waitOnce(async () => {
        const deadline = performance.now() + patience
        const connection = await acquire()
        try {
          return await run(connection, deadline, { name, text, values })
        } finally {
          await pool.client.releaseConnection(connection)
        }
      }),

    transaction: <T>(work: (db: Db) => Promise<T>): Promise<T> =>
      waitOnce(async () => {
        const deadline = performance.now() + patience
        const connection = await acquire()
        try {
          await run(connection, deadline, { text: 'begin' })
          const result = await work(within(connection))
          await run(connection, performance.now() + patience, { text: 'commit' })
          return result
        } catch (error) {
          await undo(connection)
          throw error
        } finally {
          await pool.client.releaseConnection(connection)
        }
      }),

    async close() {
      await pool.destroy()
      await embedded?.close()
    },
  }
}
