import type { Db } from '#src/db/contract.ts'
import type { Keyring } from '#src/lib/crypto.ts'

/** What somebody is in the middle of. */
export type DraftKind = 'identifier' | 'totp' | 'backup-codes' | 'typed'

const lifeSeconds = 30 * 60

/** Things of one session that nobody else may read; gone after half an hour. */
export const draftRepository = (db: Db, keys: Keyring) => {
  const context = (sessionUid: string, kind: DraftKind) => `account_drafts/${sessionUid}/${kind}`
  const open = <T>(sessionUid: string, kind: DraftKind, row: { sealed: Buffer } | undefined) =>
    row ? (JSON.parse(keys.open(row.sealed, context(sessionUid, kind))) as T) : null

  return {
    async keep(sessionUid: string, kind: DraftKind, draft: unknown): Promise<void> {
      await db.query(
        'account.draft.keep',
        `insert into account_drafts (session_uid, kind, sealed, expires_at)
         values ($1, $2, $3, now() + make_interval(secs => $4))
         on conflict (session_uid, kind) do update
           set sealed = excluded.sealed, expires_at = excluded.expires_at`,
        [
          sessionUid,
          kind,
          keys.seal(JSON.stringify(draft), context(sessionUid, kind)),
          lifeSeconds,
        ],
      )
    },

    async find<T>(sessionUid: string, kind: DraftKind): Promise<T | null> {
      const [row] = await db.query<{ sealed: Buffer }>(
        'account.draft.find',
        `select sealed from account_drafts
          where session_uid = $1 and kind = $2 and expires_at > now()`,
        [sessionUid, kind],
      )
      return open<T>(sessionUid, kind, row)
    },

    /** Reads it for the last time. */
    async take<T>(sessionUid: string, kind: DraftKind): Promise<T | null> {
      const [row] = await db.query<{ sealed: Buffer }>(
        'account.draft.take',
        `delete from account_drafts
          where session_uid = $1 and kind = $2 and expires_at > now() returning sealed`,
        [sessionUid, kind],
      )
      return open<T>(sessionUid, kind, row)
    },

    async sweep(): Promise<void> {
      await db.query(
        'account.draft.sweep',
        `delete from account_drafts where (session_uid, kind) in (
           select session_uid, kind from account_drafts where expires_at < now() limit 1000)`,
      )
    },
  }
}

export type Drafts = ReturnType<typeof draftRepository>
