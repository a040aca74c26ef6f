import type { Db } from '#src/db/contract.ts'
import { revokeAllTrust } from '#src/users/index.ts'
import type { Passkey } from './contract.ts'

/** What an assertion is checked against. */
export interface StoredPasskey {
  id: string
  userId: string
  publicKey: Buffer
  handle: Buffer
  backupEligible: boolean
}

export interface NewRow {
  id: string
  userId: string
  publicKey: Uint8Array
  counter: number
  transports: readonly string[]
  aaguid: string
  name: string
  backupEligible: boolean
  backedUp: boolean
}

const columns = `id, name, aaguid, backed_up as "backedUp", created_at as "createdAt",
  last_used_at as "lastUsedAt"`

/** What authenticators know a person by: made at the first need, the same ever after. */
export async function handleOf(db: Db, userId: string, fresh: Buffer): Promise<Buffer> {
  const [row] = await db.query<{ handle: Buffer }>(
    'passkeys.handle',
    `insert into passkey_handles (user_id, handle) values ($1, $2)
     on conflict (user_id) do update set handle = passkey_handles.handle returning handle`,
    [userId, fresh],
  )
  return row!.handle
}

export async function findPasskey(db: Db, id: string): Promise<StoredPasskey | null> {
  const [row] = await db.query<StoredPasskey>(
    'passkeys.find',
    `select p.id, p.user_id as "userId", p.public_key as "publicKey", h.handle,
            p.backup_eligible as "backupEligible"
       from passkeys p join passkey_handles h on h.user_id = p.user_id where p.id = $1`,
    [id],
  )
  return row ?? null
}

/**
 * Notes that a passkey was used, with the counter that it told. Keeps nothing, and gives false, if
 * the counter has not grown: somebody has a copy (WebAuthn Level 3, section 6.1.1).
 */
export async function notePasskeyUse(
  db: Db,
  id: string,
  { counter, backedUp }: { counter: number; backedUp: boolean },
): Promise<boolean> {
  const rows = await db.query(
    'passkeys.used',
    `update passkeys set counter = $2, backed_up = $3, last_used_at = now()
      where id = $1 and (counter < $2 or (counter = 0 and $2 = 0)) returning id`,
    [id, counter, backedUp],
  )
  return rows.length === 1
}

/** False where there is such a passkey already, whosever it is. */
export async function addPasskey(db: Db, row: NewRow): Promise<boolean> {
  const rows = await db.query(
    'passkeys.add',
    `insert into passkeys (id, user_id, public_key, counter, transports, aaguid, name,
                           backup_eligible, backed_up)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (id) do nothing returning id`,
    [
      row.id,
      row.userId,
      Buffer.from(row.publicKey),
      row.counter,
      row.transports,
      row.aaguid,
      row.name,
      row.backupEligible,
      row.backedUp,
    ],
  )
  return rows.length === 1
}

/** The oldest first. */
export const listPasskeys = (
  db: Db,
  userId: string,
): Promise<(Passkey & { transports: string[] })[]> =>
  db.query(
    'passkeys.list',
    `select ${columns}, transports from passkeys where user_id = $1 order by created_at, id`,
    [userId],
  )

export async function renamePasskey(
  db: Db,
  userId: string,
  id: string,
  name: string,
): Promise<boolean> {
  const rows = await db.query(
    'passkeys.rename',
    'update passkeys set name = $3 where id = $2 and user_id = $1 returning id',
    [userId, id, name],
  )
  return rows.length === 1
}

/** The name of what is gone; null where there was nothing. */
export async function deletePasskey(db: Db, userId: string, id: string): Promise<string | null> {
  const [row] = await db.query<{ name: string }>(
    'passkeys.delete',
    'delete from passkeys where id = $2 and user_id = $1 returning name',
    [userId, id],
  )
  if (row) await revokeAllTrust(db, userId)
  return row?.name ?? null
}

export async function deletePasskeys(db: Db, userId: string): Promise<void> {
  await db.query('passkeys.deleteAll', 'delete from passkeys where user_id = $1', [userId])
  await revokeAllTrust(db, userId)
}

/** Remembers that somebody does not want a passkey in this browser; for ever without `days`. */
export async function refusePasskey(
  db: Db,
  userId: string,
  browser: Buffer,
  days: number | null,
): Promise<void> {
  await db.query(
    'passkey_refusals.add',
    `insert into passkey_refusals (user_id, browser, until)
     values ($1, $2, now() + make_interval(days => $3))
     on conflict (user_id, browser) do update set until = excluded.until`,
    [userId, browser, days],
  )
}

export async function hasRefusedPasskey(db: Db, userId: string, browser: Buffer): Promise<boolean> {
  const rows = await db.query(
    'passkey_refusals.find',
    `select 1 from passkey_refusals
      where user_id = $1 and browser = $2 and (until is null or until > now())`,
    [userId, browser],
  )
  return rows.length > 0
}
