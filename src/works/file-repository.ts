import type { Db } from '#src/db/contract.ts'
import type { Keyring } from '#src/lib/crypto.ts'

/** Large enough to be few, small enough to be read and removed in a moment. */
export const pieceBytes = 256 * 1024
const removedAtOnce = 40

const contextOf = (workId: string, number: number) => `work_files/${workId}/${number}`

/** Files of works, in sealed pieces: they may hold password hashes. */
export const fileRepository = (db: Db, keys: Keyring) => ({
  /** Adds the next piece. @returns false where the work was cancelled meanwhile */
  async add(workId: string, number: number, piece: Buffer): Promise<boolean> {
    // Sealed is what is text; each byte is one character of it.
    const sealed = keys.seal(piece.toString('latin1'), contextOf(workId, number))
    const rows = await db.query(
      'workFiles.add',
      `with work as (
         update works set bytes = bytes + $3, lease_until = now() + interval '5 minutes'
          where id = $1 and state = 'uploading' returning id
       )
       insert into work_files (work_id, number, sealed) select id, $2, $4 from work returning 1`,
      [workId, number, piece.length, sealed],
    )
    return rows.length === 1
  },

  /** Adds a piece to what a work writes: in its transaction, behind `hold`. */
  async append(workId: string, text: string): Promise<void> {
    const piece = Buffer.from(text)
    const [row] = await db.query<{ number: number }>(
      'workFiles.next',
      'select coalesce(max(number) + 1, 0) as number from work_files where work_id = $1',
      [workId],
    )
    const number = row!.number
    const sealed = keys.seal(piece.toString('latin1'), contextOf(workId, number))
    await db.query(
      'workFiles.append',
      `with work as (update works set bytes = bytes + $4 where id = $1)
       insert into work_files (work_id, number, sealed) values ($1, $2, $3)`,
      [workId, number, sealed, piece.length],
    )
  },

  /** Null: there is no such piece. */
  async read(workId: string, number: number): Promise<Buffer | null> {
    const [row] = await db.query<{ sealed: Buffer }>(
      'workFiles.read',
      'select sealed from work_files where work_id = $1 and number = $2',
      [workId, number],
    )
    return row ? Buffer.from(keys.open(row.sealed, contextOf(workId, number)), 'latin1') : null
  },

  /** Removes files that nobody may fetch any more, and what trial runs have remembered. */
  async clear(): Promise<void> {
    for (const [name, table, ended] of [
      [
        'workFiles.clear',
        'work_files',
        "(w.state <> 'done' or coalesce(w.file_until, now()) <= now())",
      ],
      ['workFiles.clearSeen', 'work_seen', 'true'],
    ] as const) {
      const most = table === 'work_files' ? removedAtOnce : 5000
      let removed: unknown[]
      do {
        removed = await db.query(
          name,
          `delete from ${table} where ctid = any(array(
             select f.ctid from ${table} f join works w on w.id = f.work_id
              where w.state in ('done', 'failed', 'cancelled') and ${ended} limit ${most}))
           returning 1`,
        )
      } while (removed.length === most)
    }
  },

  /** Which of these a trial run meets for the first time. */
  async unseen(workId: string, marks: readonly Buffer[]): Promise<boolean[]> {
    const rows = await db.query<{ mark: Buffer }>(
      'workFiles.unseen',
      `insert into work_seen (work_id, mark) select $1, unnest($2::bytea[])
       on conflict do nothing returning mark`,
      [workId, marks],
    )
    const fresh = new Set(rows.map(({ mark }) => mark.toString('hex')))
    // The first of several equal ones takes it.
    return marks.map((mark) => fresh.delete(mark.toString('hex')))
  },
})
