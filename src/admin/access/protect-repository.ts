import type { Db } from '#src/db/contract.ts'
import { Problem } from '#src/lib/problem.ts'
import type { Actor, Role } from '../contract.ts'

/** What stands between somebody with too few rights, or a mistake, and those who run this server. */
export const protectAdmins = (db: Db) => ({
  /** Also of somebody who is blocked. */
  async roleOf(userId: string): Promise<Role | null> {
    const [row] = await db.query<{ role: Role }>(
      'admins.roleOf',
      'select role from admins where user_id = $1',
      [userId],
    )
    return row?.role ?? null
  },

  /**
   * Whoever may not make admins may not shut one out either, nor become one by their account.
   *
   * @throws Problem `insufficient_scope`
   */
  async from(actor: Actor, userId: string): Promise<void> {
    if (actor.scopes.has('admins:write') || !(await this.roleOf(userId))) return
    const detail = 'This person is an admin, so that it needs admins:write.'
    throw new Problem('insufficient_scope', { detail })
  },

  /**
   * Makes sure that somebody else is an owner who can sign in. Until the end of the transaction,
   * nobody else who asks gets an answer: of two who go at once, one stays.
   *
   * @throws Problem `last_owner`
   */
  async keepAnOwner(userId: string): Promise<void> {
    if ((await this.roleOf(userId)) !== 'owner') return
    await db.query(
      'admins.lockOwners',
      `select 1 from admins where role = 'owner' order by user_id for update`,
    )
    // In a statement of its own, which sees what those have done that it has waited for.
    const others = await db.query(
      'admins.otherOwners',
      `select 1 from admins a join users u on u.id = a.user_id
        where a.role = 'owner' and u.blocked_at is null and a.user_id <> $1 limit 1`,
      [userId],
    )
    if (others.length === 0) throw new Problem('last_owner')
  },

  /** Ends somebody's console, beside everything else that is ended. */
  async endConsole(userId: string): Promise<void> {
    await db.query('admins.endConsole', 'delete from console_sessions where user_id = $1', [userId])
  },
})
