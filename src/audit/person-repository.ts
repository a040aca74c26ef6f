import type { Db } from '#src/db/contract.ts'
import type { LoggedEvent } from './contract.ts'
import { type EventRow, given, toEvent } from './rows.ts'

/** What somebody may read of the log: what is about them. */
export const personEventRepository = (db: Db) => ({
  /**
   * Events of these kinds within so many days, the newest first.
   *
   * @param before id of the last one that was shown; null: from the newest
   */
  async list(
    userId: string,
    { events, days, before, limit }: PersonFilter,
  ): Promise<LoggedEvent[]> {
    const rows = await db.query<EventRow>(
      'audit.ofPerson',
      `select id, at, ${given} from audit_events
        where user_id = $1 and at > now() - make_interval(days => $2) and event = any($3)
          and ($4::bigint is null or (at, id) < (
            select at, id from audit_events where id = $4 and user_id = $1))
        order by at desc, id desc limit $5`,
      [userId, days, events, before, limit],
    )
    return rows.map(toOwnEvent)
  },

  /** One of them, if it is about this person. */
  async find(userId: string, id: string): Promise<LoggedEvent | null> {
    const [row] = await db.query<EventRow>(
      'audit.oneOfPerson',
      `select id, at, ${given} from audit_events where id = $2 and user_id = $1`,
      [userId, id],
    )
    return row ? toOwnEvent(row) : null
  },
})

/** Where somebody else has done it from is not theirs to know. */
const toOwnEvent = (row: EventRow): LoggedEvent => {
  const event = toEvent(row)
  return { ...event, address: event.actor ? null : event.address }
}

export interface PersonFilter {
  events: readonly string[]
  days: number
  before: string | null
  limit: number
}
