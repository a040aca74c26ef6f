import type { Db } from '#src/db/contract.ts'

/** How many passkeys somebody has; also within a transaction. */
export const countPasskeys = async (db: Db, userId: string): Promise<number> => {
  const [row] = await db.query<{ count: number }>(
    'passkeys.count',
    'select count(*)::int as count from passkeys where user_id = $1',
    [userId],
  )
  return row?.count ?? 0
}
