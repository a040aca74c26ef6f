import type { Db } from './contract.ts'

/** Whether the database answers now; false within two seconds when it does not. */
export const isReachable = (db: Db): Promise<boolean> =>
  db.query('db.reachable', 'select 1').then(
    () => true,
    () => false,
  )
