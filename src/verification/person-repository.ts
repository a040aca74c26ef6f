import type { Db } from '#src/db/contract.ts'
import { type Account, type AccountJson, accountJson, toAccount } from '#src/users/index.ts'

/** What a person has set up. */
export interface Enrolled {
  password: boolean
  totp: boolean
  backupCodes: number
}

/** The same for those who look after people: since when, and no secrets. */
export interface Credentials {
  password: { changedAt: Date } | null
  totp: { since: Date } | null
  backupCodes: { left: number; since: Date } | null
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

export const findCredentials = async (db: Db, userId: string): Promise<Credentials> => {
  const [row] = await db.query<{
    password: Date | null
    totp: Date | null
    codes: Date | null
    left: number | null
  }>(
    'verification.credentials',
    `select p.changed_at as password, t.created_at as totp, b.created_at as codes,
            cardinality(b.macs) as left
       from (select $1::text as id) u
       left join passwords p on p.user_id = u.id
       left join totp_secrets t on t.user_id = u.id
       left join backup_codes b on b.user_id = u.id`,
    [userId],
  )
  const { password = null, totp = null, codes = null, left = null } = row ?? {}
  return {
    password: password && { changedAt: password },
    totp: totp && { since: totp },
    backupCodes: codes && { left: left ?? 0, since: codes },
  }
}
