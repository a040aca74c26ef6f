import knex, { type Knex } from 'knex'
import { ask, type Connection } from './connection.ts'
import type { Db } from './contract.ts'
import { type Embedded, openEmbedded } from './embedded.ts'
import { asProblem } from './failures.ts'
import { lanes } from './lanes.ts'
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

/** A caller hears of trouble within this time, waiting for a connection included. */
const patienceMs = 1800
const embeddedPatienceMs = 15_000

/**
 * Of the connections, how many single statements may take: a transaction always finds one. Reads wait
 * for nobody, so that few connections do for all of them; a write may wait for a row or for the disk.
 */
const shares = { reads: { of: 0.2, room: 8 }, writes: { of: 0.5, room: 1 } }

/** Opens the database; nothing is migrated yet. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const embedded = options.url ? null : await openEmbedded(options.folder, options.owner)
  const patience = embedded ? embeddedPatienceMs : patienceMs
  const most = embedded ? 1 : (options.poolSize ?? 10)
  const pool = knex({
    client: 'pg',
    connection: embedded ? embedded.connection : postgres(options.url!),
    pool: { min: embedded ? 1 : 0, max: most },
    acquireConnectionTimeout: patience,
    log: quiet(options.log),
  })
  return {
    kind: embedded ? 'embedded' : 'postgres',
    knex: pool,
    ...over(pool, patience, most, embedded),
  }
}

const postgres = (url: string) => ({
  connectionString: url,
  application_name: 'avouch',
  connectionTimeoutMillis: 1500,
  // Sooner than callers lose patience: a statement that is ended takes none of the others with it that
  // share its connection.
  statement_timeout: 1700,
  lock_timeout: 1500,
  idle_in_transaction_session_timeout: 10_000,
  keepAlive: true,
  pipeline: true,
})

/** Knex prints to the console otherwise. */
const quiet = (log?: { warn(words: string): void }) => {
  const warn = (words: unknown) => log?.warn(String((words as Error)?.message ?? words))
  return { warn, error: warn, deprecate: warn, debug: () => {} }
}

const over = (pool: Knex, patience: number, most: number, embedded: Embedded | null) => {
  const acquire = async (): Promise<Connection> => {
    try {
      return await pool.client.acquireConnection()
    } catch (error) {
      throw asProblem(error)
    }
  }
  const release = (connection: Connection): Promise<void> =>
    pool.client.releaseConnection(connection)
  const broken = (connection: Connection) => connection.__knex__disposed !== undefined
  const deadline = () => performance.now() + patience
  // The embedded database answers one at a time; nobody there may keep the others from their turn.
  const shared = ({ of, room }: { of: number; room: number }) =>
    embedded
      ? lanes({ most: Infinity, room: 1, acquire, release, broken })
      : lanes({ most: Math.ceil(most * of), room, acquire, release, broken })

  const reads = shared(shares.reads)
  const writes = shared(shares.writes)

  const within = (connection: Connection): Db => {
    const db: Db = {
      query: (name, text, values = []) => ask(connection, deadline(), { name, text, values }),
      transaction: (work) => work(db),
    }
    return db
  }

  const undo = async (connection: Connection): Promise<void> => {
    // Nothing comes back over a connection that is lost; PostgreSQL undoes what it had begun.
    if (broken(connection)) return
    try {
      await ask(connection, deadline(), { text: 'rollback' })
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
      waitOnce(() => {
        const until = deadline()
        const lane = isRead(text) ? reads : writes
        return lane((connection) => ask(connection, until, { name, text, values }))
      }),

    transaction: <T>(work: (db: Db) => Promise<T>): Promise<T> =>
      waitOnce(async () => {
        const until = deadline()
        const connection = await acquire()
        try {
          // The first statement goes out right behind it.
          const begun = ask(connection, until, { text: 'begin' })
          const [, result] = await Promise.all([begun, work(within(connection))])
          await ask(connection, deadline(), { text: 'commit' })
          return result
        } catch (error) {
          await undo(connection)
          throw error
        } finally {
          await release(connection)
        }
      }),

    async close() {
      await pool.destroy()
      await embedded?.close()
    },
  }
}

const isRead = (text: string): boolean => /^\s*select\b/i.test(text)
