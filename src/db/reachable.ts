import type { Db } from './contract.ts'

/** Whether the database answers now; false within two seconds when it does not. */
export const isReachable = async (db: Db): Promise<boolean> => (await whyUnreachable(db)) === null

/** Why the database does not answer now, in the driver's words or code; null when it does. */
export const whyUnreachable = (db: Db): Promise<string | null> =>
  db.query('db.reachable', 'select 1').then(
    () => null,
    (error: Error) => {
      const { code, message } = (error.cause ?? error) as NodeJS.ErrnoException
      return message || code || 'unknown'
    },
  )
