import type { Db } from '#src/db/contract.ts'
import { revokeAllTrust } from '#src/users/index.ts'

/** Replaces all codes of the person. One row holds them, so that two calls never leave both sets. */
export async function saveCodes(db: Db, userId: string, macs: readonly Buffer[]): Promise<void> {
  await db.query(
    'backup_codes.save',
    `insert into backup_codes (user_id, macs) values ($1, $2)
     on conflict (user_id) do update set macs = excluded.macs, created_at = now()`,
    [userId, macs],
  )
  await revokeAllTrust(db, userId)
}

/**
 * Spends a code, given under every key that it may have been kept under. One statement decides: of
 * any number of requests with one code, the first gets `true`.
 */
export async function spendCode(db: Db, userId: string, macs: readonly Buffer[]): Promise<boolean> {
  const rows = await db.query(
    'backup_codes.spend',
    `update backup_codes
        set macs = array(select mac from unnest(macs) as mac where mac <> all ($2::bytea[]))
      where user_id = $1 and macs && $2::bytea[] returning user_id`,
    [userId, macs],
  )
  return rows.length === 1
}

export async function countCodes(db: Db, userId: string): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    'backup_codes.count',
    'select cardinality(macs) as count from backup_codes where user_id = $1',
    [userId],
  )
  return row?.count ?? 0
}

export async function deleteCodes(db: Db, userId: string): Promise<void> {
  await db.query('backup_codes.delete', 'delete from backup_codes where user_id = $1', [userId])
  await revokeAllTrust(db, userId)
}
