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
