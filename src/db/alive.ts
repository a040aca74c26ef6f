import type { Db } from './contract.ts'

/** Whether the database answers. @throws Problem `unavailable` */
export const alive = async (db: Db): Promise<boolean> =>
  (await db.query('db.alive', 'select 1')).length === 1
