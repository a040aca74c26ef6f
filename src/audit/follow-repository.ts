import type { Db } from '#src/db/contract.ts'
import type { Consumer } from './contract.ts'
import { type EventRow, given, toEvent } from './rows.ts'

interface Cursor {
  xid: string
  id: string
  restored_id: string
  /** The log comes from a server whose transactions had higher numbers. */
  restored: boolean
}

type FollowedRow = EventRow & { xid: string }

const batchSize = 1000
const mostBatches = 50

/**
 * Transactions commit in another order than they begin, so an event may turn up behind one that was
 * seen already. Of transactions older than the oldest that is still open, nothing more will.
 */
const settled = 'pg_snapshot_xmin(pg_current_snapshot())'

/**
 * Follows the log: tells consumers every event once. Any number of processes may call it; one at a time
 * does it. What consumers write and that the events are done is committed together, so nothing is
 * lost or told twice, whenever a process dies.
 */
export const followRepository = (db: Db, name = 'events') => {
  // Less at a time after a failure: where the database is slow, a batch must not take too long again
  // and again.
  let size = batchSize

  /**
   * Without a transaction, so that a quiet server writes nothing. In the order of the index, which
   * is else not taken, and everything looked at.
   */
  const isBehind = async (): Promise<boolean> => {
    const [row] = await db.query<{ behind: boolean }>(
      'audit.behind',
      `select not exists (select from event_cursors where name = $1) or exists (
         select from event_cursors c
          where c.name = $1 and (exists (select from (
            select e.id from audit_events e where (e.xid, e.id) > (c.xid, c.id)
               and e.id > c.restored_id and e.xid < ${settled}
             order by e.xid, e.id limit 1) next)
            or c.xid > pg_snapshot_xmax(pg_current_snapshot()))) as behind`,
      [name],
    )
    return row?.behind === true
  }

  /** Null while another process has it. */
  const lock = async (tx: Db): Promise<Cursor | null> => {
    await tx.query(
      'audit.cursor.make',
      `insert into event_cursors (name, xid, id) select $1, '0', 0
        where not exists (select from event_cursors where name = $1) on conflict do nothing`,
      [name],
    )
    const [cursor] = await tx.query<Cursor>(
      'audit.cursor.lock',
      `select xid, id, restored_id, xid > pg_snapshot_xmax(pg_current_snapshot()) as restored
         from event_cursors where name = $1 for update skip locked`,
      [name],
    )
    return cursor ?? null
  }

  const move = (tx: Db, rows: readonly FollowedRow[]) => {
    const { xid, id, at } = rows.at(-1)!
    return tx.query(
      'audit.cursor.move',
      `update event_cursors set xid = $2, id = $3, at = $4,
              told_id = greatest(told_id, (select max(told) from unnest($5::bigint[]) as told))
        where name = $1`,
      [name, xid, id, at, rows.map((row) => row.id)],
    )
  }

  const next = (tx: Db, cursor: Cursor): Promise<FollowedRow[]> =>
    tx.query(
      'audit.next',
      `select xid, id, at, ${given} from audit_events
        where (xid, id) > ($1::xid8, $2::bigint) and id > $3 and xid < ${settled}
        order by xid, id limit $4`,
      [cursor.xid, cursor.id, cursor.restored_id, size],
    )

  /** What the old server had not told yet. Nobody here has transactions of such numbers. */
  const rest = (tx: Db, { xid, id }: Cursor): Promise<FollowedRow[]> =>
    tx.query(
      'audit.rest',
      `select xid, id, at, ${given} from audit_events
        where (xid, id) > ($1::xid8, $2::bigint) order by xid, id limit $3`,
      [xid, id, size],
    )

  /** Events of this server have higher ids than those that came along. */
  const beginAnew = (tx: Db) =>
    tx.query(
      'audit.cursor.anew',
      `update event_cursors set id = 0, restored_id = told_id,
              xid = least(${settled}, (select min(xid) from audit_events where id > told_id))
        where name = $1`,
      [name],
    )

  const batch = (consumers: readonly Consumer[]): Promise<number> =>
    db.transaction(async (tx) => {
      const cursor = await lock(tx)
      if (!cursor) return 0
      const rows = await (cursor.restored ? rest(tx, cursor) : next(tx, cursor))
      if (rows.length === 0) {
        if (cursor.restored) await beginAnew(tx)
        return 0
      }
      const events = rows.map(toEvent)
      for (const consumer of consumers) await consumer(tx, events)
      await move(tx, rows)
      return rows.length
    })

  return {
    /** @returns how many events were told */
    async follow(consumers: readonly Consumer[]): Promise<number> {
      let told = 0
      for (let batches = 0; batches < mostBatches && (await isBehind()); batches += 1) {
        try {
          const more = await batch(consumers)
          if (more === 0) break
          told += more
          size = Math.min(size * 2, batchSize)
        } catch (error) {
          size = Math.max(Math.floor(size / 4), 1)
          throw error
        }
      }
      return told
    },
  }
}
