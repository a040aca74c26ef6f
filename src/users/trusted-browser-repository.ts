import { randomUUID } from 'node:crypto'
import type { Db } from '#src/db/contract.ts'

/** A browser in which somebody is not asked for a second factor, as they see it in a list. */
export interface TrustedBrowser {
  id: string
  /** As the browser calls itself. */
  agent: string | null
  since: Date
  until: Date
  lastUsedAt: Date | null
}

/** A browser with the token that it shows; both are keyed hashes. */
export interface ShownTrust {
  browser: Buffer
  tokens: readonly Buffer[]
}

const live = `t.user_id = $1 and t.expires_at > now()
  and t.created_at > now() - make_interval(days => $2)`

/** Which people have asked not to be asked for a second factor in which browser. */
export const trustedBrowserRepository = (db: Db) => ({
  /**
   * Trusts a browser, in place of what was trusted in it before.
   *
   * @param signInBegan nothing is trusted by a sign-in that began before all trust was dropped
   * @returns whether it is trusted now
   */
  async trust(
    userId: string,
    { browser, token, agent }: { browser: Buffer; token: Buffer; agent: string | null },
    { days, signInBegan }: { days: number; signInBegan: Date },
  ): Promise<boolean> {
    const rows = await db.query(
      'users.trusted.add',
      // Whoever drops all trust at this moment waits for the row, or is waited for.
      `with person as (
         select id from users
          where id = $1 and (trust_dropped_at is null or trust_dropped_at < $2) for share
       )
       insert into trusted_browsers (id, user_id, browser, token, agent, expires_at)
       select $3, id, $4, $5, $6, now() + make_interval(days => $7) from person
       on conflict (user_id, browser) do update set id = excluded.id, token = excluded.token,
         agent = excluded.agent, created_at = now(), expires_at = excluded.expires_at,
         last_used_at = null
       returning 1`,
      [userId, signInBegan, randomUUID(), browser, token, agent, days],
    )
    return rows.length === 1
  },

  /** @param days what is older is trusted no more, however long it was to last */
  async isTrusted(userId: string, { browser, tokens }: ShownTrust, days: number): Promise<boolean> {
    const rows = await db.query(
      'users.trusted.find',
      `with used as (
         update trusted_browsers t set last_used_at = now()
          where ${live} and t.browser = $3 and t.token = any($4::bytea[])
            and (t.last_used_at is null or t.last_used_at < now() - interval '1 minute')
       )
       select 1 from trusted_browsers t
        where ${live} and t.browser = $3 and t.token = any($4::bytea[])`,
      [userId, days, browser, tokens],
    )
    return rows.length === 1
  },

  /** Those that count, the newest first. */
  async list(userId: string, days: number): Promise<TrustedBrowser[]> {
    return db.query<TrustedBrowser>(
      'users.trusted.list',
      `select t.id, t.agent, t.created_at as since, t.last_used_at as "lastUsedAt",
              least(t.expires_at, t.created_at + make_interval(days => $2)) as until
         from trusted_browsers t where ${live} order by t.created_at desc, t.id limit 100`,
      [userId, days],
    )
  },

  /** @returns false where the person has no such browser */
  async revoke(userId: string, id: string): Promise<boolean> {
    const rows = await db.query(
      'users.trusted.revoke',
      'delete from trusted_browsers where user_id = $1 and id = $2 returning 1',
      [userId, id],
    )
    return rows.length === 1
  },

  async sweep(): Promise<void> {
    await db.query(
      'users.trusted.sweep',
      `delete from trusted_browsers where id in (
         select id from trusted_browsers where expires_at < now() limit 1000)`,
    )
  },
})

/**
 * Trusts no browser of a person any more, nor what a sign-in that is under way would trust. Part of
 * every change to what they sign in with: whatever stores or removes a credential calls it, as does
 * what ends all sessions, so that nobody else has to think of it.
 */
export const revokeAllTrust = async (tx: Db, userId: string): Promise<void> => {
  await tx.query(
    'users.trusted.drop',
    'update users set trust_dropped_at = clock_timestamp() where id = $1',
    [userId],
  )
  // In a statement of its own, which sees what was added by those that the first has waited for.
  await tx.query('users.trusted.revokeAll', 'delete from trusted_browsers where user_id = $1', [
    userId,
  ])
}
