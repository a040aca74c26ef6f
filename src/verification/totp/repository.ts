import type { Db } from '#src/db/contract.ts'
import { revokeAllTrust } from '#src/users/index.ts'

export interface StoredSecret {
  sealed: Buffer
  lastStep: number
}

export async function findSecret(db: Db, userId: string): Promise<StoredSecret | null> {
  const [row] = await db.query<{ sealed: Buffer; last_step: number }>(
    'totp_secrets.find',
    'select sealed, last_step from totp_secrets where user_id = $1',
    [userId],
  )
  return row ? { sealed: row.sealed, lastStep: row.last_step } : null
}

/** Replaces whatever secret there was. */
export async function saveSecret(db: Db, userId: string, secret: StoredSecret): Promise<void> {
  await db.query(
    'totp_secrets.save',
    `insert into totp_secrets (user_id, sealed, last_step) values ($1, $2, $3)
     on conflict (user_id) do update
       set sealed = excluded.sealed, last_step = excluded.last_step, created_at = now()`,
    [userId, secret.sealed, secret.lastStep],
  )
  await revokeAllTrust(db, userId)
}

/**
 * Spends a step of this very secret, and with it all before. One statement decides: of any number
 * of requests with one code, the first gets `true`.
 */
export async function spendStep(
  db: Db,
  userId: string,
  { sealed, step }: { sealed: Buffer; step: number },
): Promise<boolean> {
  const rows = await db.query(
    'totp_secrets.spend',
    `update totp_secrets set last_step = $3
      where user_id = $1 and sealed = $2 and last_step < $3 returning user_id`,
    [userId, sealed, step],
  )
  return rows.length === 1
}

export async function deleteSecret(db: Db, userId: string): Promise<void> {
  await db.query('totp_secrets.delete', 'delete from totp_secrets where user_id = $1', [userId])
  await revokeAllTrust(db, userId)
}

export interface SealedSecret {
  userId: string
  sealed: Buffer
}

/** The next ones, by their owners. */
export const sealedAfter = (db: Db, userId: string, limit: number): Promise<SealedSecret[]> =>
  db.query<SealedSecret>(
    'totp_secrets.sealedAfter',
    `select user_id as "userId", sealed from totp_secrets where user_id > $1
      order by user_id limit $2`,
    [userId, limit],
  )

/** The same secrets under another key; those that were replaced meanwhile stay. */
export async function resealSecrets(
  db: Db,
  changes: readonly (SealedSecret & { renewed: Buffer })[],
): Promise<void> {
  if (changes.length === 0) return
  await db.query(
    'totp_secrets.reseal',
    `update totp_secrets t set sealed = each.renewed
       from unnest($1::text[], $2::bytea[], $3::bytea[]) as each (user_id, sealed, renewed)
      where t.user_id = each.user_id and t.sealed = each.sealed`,
    [
      changes.map(({ userId }) => userId),
      changes.map(({ sealed }) => sealed),
      changes.map(({ renewed }) => renewed),
    ],
  )
}
