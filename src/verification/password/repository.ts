import type { Db } from '#src/db/contract.ts'
import { revokeAllTrust } from '#src/users/index.ts'

/** The stored hash of a person's password, or null. */
export async function findHash(db: Db, userId: string): Promise<string | null> {
  const [row] = await db.query<{ hash: string }>(
    'passwords.find',
    'select hash from passwords where user_id = $1',
    [userId],
  )
  return row?.hash ?? null
}

export async function saveHash(db: Db, userId: string, hash: string): Promise<void> {
  await db.query(
    'passwords.save',
    `insert into passwords (user_id, hash) values ($1, $2)
     on conflict (user_id) do update set hash = excluded.hash, changed_at = now()`,
    [userId, hash],
  )
  await revokeAllTrust(db, userId)
}

/** The same password under another hash; does nothing if the password was changed meanwhile. */
export async function exchangeHash(
  db: Db,
  userId: string,
  { from, to }: { from: string; to: string },
): Promise<void> {
  await db.query(
    'passwords.exchange',
    'update passwords set hash = $3 where user_id = $1 and hash = $2',
    [userId, from, to],
  )
}

export async function deleteHash(db: Db, userId: string): Promise<void> {
  await db.query('passwords.delete', 'delete from passwords where user_id = $1', [userId])
  await revokeAllTrust(db, userId)
}

export async function findHashes(
  db: Db,
  userIds: readonly string[],
): Promise<{ userId: string; hash: string }[]> {
  return db.query(
    'passwords.findSome',
    'select user_id as "userId", hash from passwords where user_id = any($1)',
    [userIds],
  )
}

/** Of people who have no password yet; any other keeps theirs. */
export async function saveHashes(
  db: Db,
  all: readonly { userId: string; hash: string }[],
): Promise<void> {
  if (all.length === 0) return
  await db.query(
    'passwords.saveSome',
    `insert into passwords (user_id, hash) select * from unnest($1::text[], $2::text[])
     on conflict (user_id) do nothing`,
    [all.map(({ userId }) => userId), all.map(({ hash }) => hash)],
  )
}
