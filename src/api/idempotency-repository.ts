import type { Db } from '#src/db/contract.ts'
import { Problem } from '#src/lib/problem.ts'

export interface Answered {
  status: number
  /** JSON; null where nothing is answered. */
  body: string | null
}

/** Only as hashes and sealed: an answer may hold a secret that is shown once. */
export interface Kept {
  key: Buffer
  request: Buffer
}

interface Row {
  same: boolean
  status: number | null
  body: Buffer | null
}

/** Requests that were sent with an `Idempotency-Key`, and how they were answered. */
export const idempotencyRepository = (db: Db) => ({
  /**
   * Claims a key. In a transaction, whoever claims the same one waits until it is over.
   *
   * @returns null for the first; for others what the first was answered
   * @throws Problem `idempotency_key_reused`, or `in_progress` when there is no answer yet
   */
  async claim({ key, request }: Kept): Promise<{ status: number; body: Buffer | null } | null> {
    const claimed = await db.query(
      'idempotency.claim',
      `insert into idempotent_requests (key, request) values ($1, $2)
       on conflict (key) do nothing returning 1`,
      [key, request],
    )
    if (claimed.length > 0) return null
    const [row] = await db.query<Row>(
      'idempotency.find',
      'select request = $2 as same, status, body from idempotent_requests where key = $1',
      [key, request],
    )
    if (row && !row.same) throw new Problem('idempotency_key_reused')
    if (row?.status == null) throw new Problem('in_progress', { retryAfterSeconds: 1 })
    return { status: row.status, body: row.body }
  },

  async answered(key: Buffer, status: number, body: Buffer | null): Promise<void> {
    await db.query(
      'idempotency.answered',
      'update idempotent_requests set status = $2, body = $3 where key = $1',
      [key, status, body],
    )
  },

  /** It did not come to an answer: the key may be used again. */
  async release(key: Buffer): Promise<void> {
    await db.query('idempotency.release', 'delete from idempotent_requests where key = $1', [key])
  },

  /** A day later nobody sends the same request again. */
  async sweep(): Promise<void> {
    await db.query(
      'idempotency.sweep',
      `delete from idempotent_requests where key in
         (select key from idempotent_requests where created_at < now() - interval '1 day' limit 1000)`,
    )
  },
})
