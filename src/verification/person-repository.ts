import type { Db } from '#src/db/contract.ts'
import { type Account, type AccountJson, accountJson, toAccount } from '#src/users/index.ts'
import type { Passkey } from './passkey/contract.ts'
import { listPasskeys } from './passkey/repository.ts'

/** What a person has set up. */
export interface Enrolled {
  password: boolean
  totp: boolean
  backupCodes: number
  passkeys: number
}

/** The same for those who look after people: since when, and no secrets. */
export interface Credentials {
  password: { changedAt: Date } | null
  totp: { since: Date } | null
  backupCodes: { left: number; since: Date } | null
  /** The oldest first. */
  passkeys: Passkey[]
}

export interface Person extends Account {
  enrolled: Enrolled
  /** They have been here, and not for so long that their number may be somebody else's by now. */
  idleLong: boolean
}

/** What the person whose id is in a column has set up to come second, as part of a statement. */
export const secondFactorsOf = (column: string): string =>
  `exists (select from totp_secrets f where f.user_id = ${column}) as totp,
   exists (select from passkeys f where f.user_id = ${column}) as passkey`

/** A person with all their credentials in one look, for the decision what to ask for. */
export const findPerson = async (db: Db, userId: string): Promise<Person | null> => {
  const [row] = await db.query<
    Enrolled & { account: AccountJson | null; idleLong: boolean | null }
  >(
    'verification.person',
    `select ${accountJson('$1')} as account,
            exists (select from passwords where user_id = $1) as password,
            exists (select from totp_secrets where user_id = $1) as totp,
            coalesce((select cardinality(macs) from backup_codes where user_id = $1), 0)
              as "backupCodes",
            (select count(*)::int from passkeys where user_id = $1) as passkeys,
            (select last_sign_in_at < now() - interval '180 days' from users where id = $1)
              as "idleLong"`,
    [userId],
  )
  if (!row?.account) return null
  const { account, idleLong, ...enrolled } = row
  return { ...toAccount(account), enrolled, idleLong: idleLong === true }
}

export const findCredentials = async (db: Db, userId: string): Promise<Credentials> => {
  const asked = db.query<{
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
  const [[row], passkeys] = [await asked, await listPasskeys(db, userId)]
  const { password = null, totp = null, codes = null, left = null } = row ?? {}
  return {
    password: password && { changedAt: password },
    totp: totp && { since: totp },
    backupCodes: codes && { left: left ?? 0, since: codes },
    passkeys: passkeys.map(({ transports: _, ...passkey }) => passkey),
  }
}
