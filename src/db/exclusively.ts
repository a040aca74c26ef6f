import type { Db } from './contract.ts'

/**
 * Runs `work` in a transaction while no other process runs work of the same name; others wait for
 * their turn.
 */
export const exclusively = <T>(db: Db, name: string, work: (tx: Db) => Promise<T>): Promise<T> =>
  db.transaction(async (tx) => {
    await tx.query('db.exclusively', 'select pg_advisory_xact_lock(hashtext($1))', [
      `avouch/${name}`,
    ])
    return work(tx)
  })
