import type { Db } from '#src/db/contract.ts'

const batch = 1000
const mostBatches = 20

/** The one who may delete events: what is old, and has been told to everyone who follows. */
export const retentionRepository = (db: Db) => ({
  async deleteOlderThan(days: number): Promise<void> {
    for (let batches = 0; batches < mostBatches; batches += 1) {
      const deleted = await db.transaction(async (tx) => {
        await tx.query('audit.retention', `select set_config('avouch.retention', 'on', true)`)
        return tx.query(
          'audit.deleteOld',
          `delete from audit_events where id in (
             select e.id from audit_events e cross join event_cursors c
              where c.name = 'events' and (e.xid, e.id) <= (c.xid, c.id)
                and e.at < now() - make_interval(days => $1)
              order by e.at limit ${batch}) returning 1`,
          [days],
        )
      })
      if (deleted.length < batch) return
    }
  },
})
