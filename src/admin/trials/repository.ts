import type { Db } from '#src/db/contract.ts'

const minutes = 10

/** Trials of clients: which copy belongs to which client, for ten minutes. */
export const trialRepository = (db: Db) => ({
  async begin(id: string, clientId: string): Promise<Date> {
    const [row] = await db.query<{ expiresAt: Date }>(
      'trials.begin',
      `insert into client_trials (id, client_id, expires_at)
       values ($1, $2, now() + make_interval(mins => $3)) returning expires_at as "expiresAt"`,
      [id, clientId, minutes],
    )
    return row!.expiresAt
  },

  /** @returns the `client_id` of the client that is tried; null for a trial that is over */
  async find(id: string): Promise<string | null> {
    const [row] = await db.query<{ clientId: string }>(
      'trials.find',
      `select client_id as "clientId" from client_trials where id = $1 and expires_at > now()`,
      [id],
    )
    return row?.clientId ?? null
  },

  /** Removes trials that are over, a few at a time. @returns their ids */
  async sweep(): Promise<string[]> {
    const rows = await db.query<{ id: string }>(
      'trials.sweep',
      `delete from client_trials where id in (
         select id from client_trials where expires_at < now() order by expires_at limit 100
         for update skip locked)
       returning id`,
    )
    return rows.map(({ id }) => id)
  },
})
