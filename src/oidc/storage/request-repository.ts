import type { Db } from '#src/db/contract.ts'
import { type Keyring, sha256 } from '#src/lib/crypto.ts'
import type { Stored } from './memo.ts'
import { expired, type LastingRow, type SealedRow, sealing, withState } from './sealed.ts'

/** Interactions, by their uid, which is no secret: nothing opens without the signed cookie. */
export const interactionRepository = (db: Db, keys: Keyring) => {
  const { seal, open } = sealing(keys, 'oidc_interactions')
  return {
    async upsert(uid: string, payload: Stored, ttlSeconds: number): Promise<void> {
      // The session's cookie value would open it, and nothing reads it here.
      const session = payload.session as Stored | undefined
      const kept = session ? { ...payload, session: { ...session, cookie: undefined } } : payload
      await db.query(
        'oidc.interaction.upsert',
        `insert into oidc_interactions (uid, payload, expires_at)
         values ($1, $2, now() + make_interval(secs => $3))
         on conflict (uid) do update set payload = excluded.payload, expires_at = excluded.expires_at`,
        [uid, seal(uid, kept), ttlSeconds],
      )
    },

    async find(uid: string): Promise<Stored | null> {
      const [row] = await db.query<SealedRow>(
        'oidc.interaction.find',
        `select payload from oidc_interactions
          where uid = $1 and ended_at is null and expires_at > now()`,
        [uid],
      )
      return row ? open(uid, row.payload) : null
    },

    /** Also of one that has ended or expired, as long as its row is there. */
    async findEnded(uid: string): Promise<Stored | null> {
      const [row] = await db.query<SealedRow>(
        'oidc.interaction.findEnded',
        'select payload from oidc_interactions where uid = $1',
        [uid],
      )
      return row ? open(uid, row.payload) : null
    },

    /** Ends it, so that it is answered once; false for everyone but the first. */
    async end(uid: string): Promise<boolean> {
      const rows = await db.query(
        'oidc.interaction.end',
        `update oidc_interactions set ended_at = now()
          where uid = $1 and ended_at is null returning 1`,
        [uid],
      )
      return rows.length === 1
    },
  }
}

/** Pushed authorization requests (RFC 9126), by the hash of their reference. */
export const pushedRequestRepository = (db: Db, keys: Keyring) => {
  const { seal, open } = sealing(keys, 'oidc_pushed_requests')
  const rowOf = (id: string) => sha256(id).toString('hex')
  return {
    async insert(id: string, payload: Stored, ttlSeconds: number): Promise<void> {
      await db.query(
        'oidc.pushed.insert',
        `insert into oidc_pushed_requests (id, payload, expires_at)
         values ($1, $2, now() + make_interval(secs => $3))`,
        [sha256(id), seal(rowOf(id), payload), ttlSeconds],
      )
    },

    /** Also an expired one: a sign-in that began in time may end later. */
    async find(id: string): Promise<Stored | null> {
      const [row] = await db.query<LastingRow>(
        'oidc.pushed.find',
        `select payload, consumed_at is not null as consumed, ${expired}
           from oidc_pushed_requests where id = $1`,
        [sha256(id)],
      )
      return row ? withState(open(rowOf(id), row.payload), row) : null
    },

    async consume(id: string): Promise<boolean> {
      const rows = await db.query(
        'oidc.pushed.consume',
        `update oidc_pushed_requests set consumed_at = now()
          where id = $1 and consumed_at is null returning 1`,
        [sha256(id)],
      )
      return rows.length === 1
    },

    async destroy(id: string): Promise<void> {
      await db.query('oidc.pushed.destroy', 'delete from oidc_pushed_requests where id = $1', [
        sha256(id),
      ])
    },
  }
}

/** Proofs that may be used once (RFC 9449 §11.1, RFC 7523 §3). */
export const replayRepository = (db: Db) => ({
  /** True for the first use alone, in one statement. */
  async first(key: string, ttlSeconds: number): Promise<boolean> {
    const rows = await db.query(
      'oidc.replay.first',
      `insert into oidc_replays as r (id, expires_at)
       values ($1, now() + make_interval(secs => $2))
       on conflict (id) do update set expires_at = excluded.expires_at where r.expires_at < now()
       returning 1`,
      [sha256(key), Math.max(ttlSeconds, 1)],
    )
    return rows.length === 1
  },
})
