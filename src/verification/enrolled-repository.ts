import type { Db } from '#src/db/contract.ts'

/** What a person has set up. */
export interface Enrolled {
  password: boolean
  totp: boolean
  backupCodes: number
}

/** One look at all credentials of a person, for the decision what to ask for. */
export const enrolled = async (db: Db, userId: string): Promise<Enrolled> => {
  const [row] = await db.query<Enrolled>(
    'verification.enrolled',
    `select exists (select from passwords where user_id = $1) as password,
            exists (select from totp_secrets where user_id = $1) as totp,
            coalesce((select cardinality(macs) from backup_codes where user_id = $1), 0)
              as "backupCodes"`,
    [userId],
  )
  return row!
}
