import type { Db } from '#src/db/contract.ts'
import { type Account, type AccountJson, accountJson, toAccount } from '#src/users/index.ts'

/** What a person has set up. */
export interface Enrolled {
  password: boolean
  totp: boolean
  backupCodes: number
}

export interface Person extends Account {
  enrolled: Enrolled
}

/** A person with all their credentials in one look, for the decision what to ask for. */
export const findPerson = async (db: Db, userId: string): Promise<Person | null> => {
  const [row] = await db.query<Enrolled & { account: AccountJson | null }>(
    'verification.person',
    `select ${accountJson('$1')} as account,
            exists (select from passwords where user_id = $1) as password,
            exists (select from totp_secrets where user_id = $1) as totp,
            coalesce((select cardinality(macs) from backup_codes where user_id = $1), 0)
              as "backupCodes"`,
    [userId],
  )
  if (!row?.account) return null
  const { account, ...enrolled } = row
  return { ...toAccount(account), enrolled }
}
