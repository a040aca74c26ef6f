/** What the tests of people share: rows that no page could make, and admins with their tokens. */
import pg from 'pg'
import type { Scope } from '../support/scope.ts'
import type { Server } from '../support/server.ts'

export type Sql = <Row extends object>(text: string, values?: unknown[]) => Promise<Row[]>

export const sqlOf = (owner: Scope, server: Pick<Server, 'databaseUrl'>): Sql => {
  const pool = new pg.Pool({ connectionString: server.databaseUrl!, max: 2 })
  pool.on('error', () => {})
  owner.after(() => pool.end())
  return async (text, values = []) => (await pool.query(text, values)).rows
}
