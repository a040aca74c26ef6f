import type { Db } from '#src/db/contract.ts'

const tables = {
  oidc_tokens: 'id',
  oidc_sessions: 'uid',
  oidc_grants: 'id',
  oidc_device_codes: 'id',
  oidc_pushed_requests: 'id',
  oidc_replays: 'id',
  oidc_interactions: 'uid',
} as const

/**
 * Removes what has expired, a thousand rows of a table at a time, passing over what others hold. A
 * day's grace lets a page that has expired be started again.
 */
export const sweepExpired = async (db: Db): Promise<void> => {
  for (const [table, key] of Object.entries(tables)) {
    await db.query(
      `oidc.sweep.${table}`,
      `delete from ${table} where ${key} in (
         select ${key} from ${table} where expires_at < now() - interval '1 day'
          limit 1000 for update skip locked)`,
    )
  }
}
