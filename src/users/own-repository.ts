import type { Db } from '#src/db/contract.ts'
import type { Identifier } from './contract.ts'

/** What people do with their own account, beside what admins can do with it too. */
export const ownUserRepository = (db: Db) => ({
  /** Puts one of somebody's identifiers before all others. @returns false where it is not theirs */
  async prefer(userId: string, { type, value }: Pick<Identifier, 'type' | 'value'>) {
    const rows = await db.query(
      'users.prefer',
      `update identifiers set preferred_at = clock_timestamp()
        where user_id = $1 and type = $2 and value = $3 and verified_at is not null returning 1`,
      [userId, type, value],
    )
    return rows.length === 1
  },

  /** Says when the account is to go. Of two who ask, the first one's time holds. */
  async leave(userId: string, graceDays: number): Promise<Date | null> {
    const [row] = await db.query<{ at: Date }>(
      'users.leave',
      `update users set delete_at = coalesce(delete_at, now() + make_interval(days => $2))
        where id = $1 returning delete_at as at`,
      [userId, graceDays],
    )
    return row?.at ?? null
  },

  /** Accounts whose time has come. */
  async leaving(limit: number): Promise<string[]> {
    const rows = await db.query<{ id: string }>(
      'users.leaving',
      `select id from users where delete_at <= now() order by delete_at limit $1`,
      [limit],
    )
    return rows.map(({ id }) => id)
  },

  /**
   * Deletes an account whose time has come, with all that hangs on it. Of several processes that do
   * so at once, one has done it; whoever has come back in time stays.
   */
  async deleteLeaving(userId: string): Promise<boolean> {
    const rows = await db.query(
      'users.deleteLeaving',
      'delete from users where id = $1 and delete_at <= now() returning 1',
      [userId],
    )
    return rows.length === 1
  },
})
