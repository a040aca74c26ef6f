import type { Db } from '#src/db/contract.ts'
import type { Answered } from '#src/lib/outbound.ts'
import type { LogoutDelivery, LogoutState } from './contract.ts'

/** One that this process is to send now. */
export type DueLogout = Pick<LogoutDelivery, 'id' | 'clientId' | 'userId' | 'sid' | 'attempts'>

const columns = `id, client_id as "clientId", account_id as "userId", sid, state, attempts,
  case when state = 'pending' then next_at end as "nextAt", status, error,
  attempted_at as "attemptedAt", created_at as "createdAt"`

/** After this, whoever has claimed one is believed to be gone. Longer than a try may take. */
const leaseSeconds = 60

/** Seconds to wait after the first try, the second, …; after the last it is dead: 22 hours in all. */
const waits = [5, 60, 5 * 60, 30 * 60, 2 * 3600, 6 * 3600, 13 * 3600]

const deleteBatch = 1000

/**
 * Which clients are still to be told of an ended session, and what became of the rest for 30 days.
 * The database adds them itself, whenever a session ends: see the migration that makes the table.
 */
export const logoutRepository = (db: Db) => ({
  /** Whether anything is due: cheap, since it is asked all the time. */
  async isDue(): Promise<boolean> {
    const [row] = await db.query<{ due: boolean }>(
      'logouts.isDue',
      `select exists (select from logout_deliveries
                       where state = 'pending' and next_at <= now()) as due`,
      [],
    )
    return row?.due === true
  },

  /** Claims what is due, for each client as much as there is room for. */
  claim(busy: ReadonlyMap<string, number>, mostOfEach: number): Promise<DueLogout[]> {
    return db.query<DueLogout>(
      'logouts.claim',
      // From client to client along the index, however much waits for one of them.
      `with recursive waiting as (
         (select client_id from logout_deliveries where state = 'pending'
           order by client_id limit 1)
         union all
         select (select client_id from logout_deliveries
                  where state = 'pending' and client_id > w.client_id
                  order by client_id limit 1)
           from waiting w where w.client_id is not null
       ), due as (
         select d.id from waiting w
           left join unnest($1::text[], $2::int[]) as busy (client_id, count)
             on busy.client_id = w.client_id
          cross join lateral (
            select id from logout_deliveries
             where client_id = w.client_id and state = 'pending' and next_at <= now()
             order by next_at limit greatest($3 - coalesce(busy.count, 0), 0)
               for update skip locked) d
       )
       update logout_deliveries set attempts = attempts + 1, attempted_at = now(),
              next_at = now() + make_interval(secs => ${leaseSeconds})
        where id in (select id from due)
       returning id, client_id as "clientId", account_id as "userId", sid, attempts`,
      [[...busy.keys()], [...busy.values()], mostOfEach],
    )
  },

  /**
   * What became of a try, unless somebody else has taken over meanwhile.
   *
   * @param refused nothing would change if it was said again
   */
  async finish(
    { id, attempts }: DueLogout,
    { status, error }: Answered,
    { done, refused }: { done: boolean; refused: boolean },
  ): Promise<LogoutState> {
    const wait = waits[attempts - 1]
    const state = done ? 'delivered' : refused || wait === undefined ? 'dead' : 'pending'
    await db.query(
      'logouts.finish',
      `with finished as (
         update logout_deliveries set state = $3, status = $4, error = $5,
                next_at = now() + make_interval(secs => $6)
          where id = $1 and attempts = $2 and state = 'pending'
         returning id, client_id, account_id
       )
       insert into audit_events (event, client_id, user_id, target, result)
       select 'logout.delivery_failed', client_id, account_id, id, coalesce($4::text, $5)
         from finished where $3 = 'dead'`,
      [id, attempts, state, status, error, wait ?? 0],
    )
    return state
  },

  /** For a client that is gone, or wants to be told no more. */
  async drop(id: string): Promise<void> {
    await db.query('logouts.drop', 'delete from logout_deliveries where id = $1', [id])
  },

  /** What a client was not told at its first try, and may not have been told yet; the newest first. */
  failures: (clientId: string, limit: number): Promise<LogoutDelivery[]> =>
    db.query<LogoutDelivery>(
      'logouts.failures',
      `select ${columns} from (
         select * from logout_deliveries where client_id = $1
          order by created_at desc, id desc limit 1000) latest
        where state = 'dead' or (state = 'pending' and (status is not null or error is not null))
        order by created_at desc, id desc limit $2`,
      [clientId, limit],
    ),

  async sweep(): Promise<void> {
    await db.query(
      'logouts.sweep',
      `delete from logout_deliveries where id in (
         select id from logout_deliveries where created_at < now() - interval '30 days'
          order by created_at limit ${deleteBatch})`,
      [],
    )
  },
})
