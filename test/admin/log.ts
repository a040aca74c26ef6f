/** What the tests of the log and of what is made from it share: a way to have things happen. */
import pg from 'pg'
import type { Scope } from '../support/scope.ts'
import type { Server } from '../support/server.ts'

export interface Log {
  query<R extends object>(text: string, values?: unknown[]): Promise<R[]>
  /** Rows of `audit_events`, by their columns. */
  happened(...events: Record<string, unknown>[]): Promise<void>
  close(): Promise<void>
}

/** The database of a server, beside it. */
export const logOf = (scope: Scope, { databaseUrl }: Pick<Server, 'databaseUrl'>): Log => {
  const pool = new pg.Pool({ connectionString: databaseUrl!, max: 4 })
  pool.on('error', () => {})
  scope.after(() => pool.end())
  const query: Log['query'] = async (text, values) => (await pool.query(text, values)).rows
  return {
    query,
    async happened(...events) {
      for (const event of events) {
        const columns = Object.keys(event)
        const places = columns.map((_, at) => `$${at + 1}`)
        await query(
          `insert into audit_events (${columns.join(', ')}) values (${places.join(', ')})`,
          Object.values(event),
        )
      }
    },
    close: () => pool.end(),
  }
}
