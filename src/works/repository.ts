import type { Db } from '#src/db/contract.ts'
import { randomId, randomToken } from '#src/lib/crypto.ts'
import type { NewWork, Refusal, Step, Work } from './contract.ts'

/** So long what a work has made can be fetched. */
export const madeHours = 24

const columns = `id, kind, state, options, bytes::float8 as bytes, total, done, added, existing,
  refused, error, position, created_at as "createdAt", started_at as "startedAt",
  finished_at as "finishedAt",
  case when makes_file and state = 'done' and finished_at > now() - interval '${madeHours} hours'
       then finished_at + interval '${madeHours} hours' end as "fileUntil",
  json_build_object('kind', created_by_kind, 'id', created_by) as "createdBy"`

/** Without a sign of life for so long, work goes to another process. */
const leaseSeconds = 15
const untilLater = `now() + interval '${leaseSeconds} seconds'`
/** Of an upload; a slow one sends a piece now and then. */
const uploadLease = `now() + interval '5 minutes'`
const keptDays = 30

export interface Taken {
  work: Work
  lease: string
  attempts: number
}

/** Long work: begun by a request, done by whichever process takes it. */
export const workRepository = (db: Db) => ({
  async create({ kind, options, createdBy }: NewWork): Promise<string> {
    const id = randomId()
    await db.query(
      'works.create',
      `insert into works (id, kind, state, options, created_by_kind, created_by, lease_until)
       values ($1, $2, 'uploading', $3, $4, $5, ${uploadLease})`,
      [id, kind, JSON.stringify(options), createdBy.kind, createdBy.id],
    )
    return id
  },

  /** For work that makes a file; whoever is free begins with it. */
  async createMaking({ kind, options, createdBy }: NewWork): Promise<Work> {
    const [work] = await db.query<Work>(
      'works.createMaking',
      `insert into works (id, kind, state, options, created_by_kind, created_by, makes_file)
       values ($1, $2, 'waiting', $3, $4, $5, true) returning ${columns}`,
      [randomId(), kind, JSON.stringify(options), createdBy.kind, createdBy.id],
    )
    return work!
  },

  /** The file is whole. @returns false where the work was cancelled meanwhile */
  async ready(id: string): Promise<boolean> {
    const rows = await db.query(
      'works.ready',
      `update works set state = 'waiting', lease_until = null
        where id = $1 and state = 'uploading' returning 1`,
      [id],
    )
    return rows.length === 1
  },

  async find(id: string): Promise<Work | null> {
    const [work] = await db.query<Work>(
      'works.find',
      `select ${columns} from works where id = $1`,
      [id],
    )
    return work ?? null
  },

  /** The newest first; `key` is where the next page begins. */
  async list(
    after: readonly [at: string, id: string] | null,
    limit: number,
  ): Promise<{ work: Work; key: readonly [string, string] }[]> {
    const rows = await db.query<Work & { at: string }>(
      'works.list',
      `select ${columns}, (extract(epoch from created_at) * 1000000)::bigint::text as at
         from works
        where $1::text is null
           or (created_at, id) < (to_timestamp(0) + $1::bigint * interval '1 microsecond', $2)
        order by created_at desc, id desc limit $3`,
      [after?.[0] ?? null, after?.[1] ?? null, limit],
    )
    return rows.map(({ at, ...work }) => ({ work, key: [at, work.id] }))
  },

  /** @returns false where it has ended already */
  async cancel(id: string): Promise<boolean> {
    const rows = await db.query(
      'works.cancel',
      `update works set state = 'cancelled', finished_at = now(), lease = null
        where id = $1 and state in ('uploading', 'waiting', 'running') returning 1`,
      [id],
    )
    return rows.length === 1
  },

  /** The oldest work that nobody does, for this process; null: there is none. */
  async take(kinds: readonly string[]): Promise<Taken | null> {
    const lease = randomToken(12)
    const [row] = await db.query<Work & { attempts: number }>(
      'works.take',
      `update works set state = 'running', lease = $1, lease_until = ${untilLater},
              started_at = coalesce(started_at, now()), attempts = attempts + 1
        where id = (select id from works
                     where state in ('waiting', 'running') and kind = any($2)
                       and (lease_until is null or lease_until < now())
                     order by created_at limit 1 for update skip locked)
       returning attempts, ${columns}`,
      [lease, kinds],
    )
    if (!row) return null
    const { attempts, ...work } = row
    return { work, lease, attempts }
  },

  /** For whom work is still theirs; until the end of the transaction nobody else's. */
  async hold({ work, lease }: Taken): Promise<boolean> {
    const rows = await db.query(
      'works.hold',
      `update works set lease_until = ${untilLater}
        where id = $1 and lease = $2 and state = 'running' returning 1`,
      [work.id, lease],
    )
    return rows.length === 1
  },

  async setTotal(id: string, total: number): Promise<void> {
    await db.query('works.setTotal', 'update works set total = $2 where id = $1', [id, total])
  },

  /** In the transaction of what was done, behind `hold`. */
  async advance(id: string, step: Step): Promise<void> {
    const { done, added, existing, refused, position = null } = step
    const [row] = await db.query<{ before: number }>(
      'works.advance',
      `update works set done = done + $2, added = added + $3, existing = existing + $4,
              refused = refused + $5, position = coalesce($6, position), attempts = 0
        where id = $1 returning refused - $5 as before`,
      [id, done, added, existing, refused.length, position],
    )
    if (refused.length === 0) return
    await db.query(
      'works.refuse',
      `insert into work_refusals (work_id, number, line, subject, reason)
       select $1, $2 + n, line, subject, reason
         from unnest($3::int[], $4::text[], $5::text[]) with ordinality
              as given (line, subject, reason, n)`,
      [
        id,
        row?.before ?? 0,
        refused.map(({ line }) => line),
        refused.map(({ subject }) => subject),
        refused.map(({ reason }) => reason),
      ],
    )
  },

  /** Somebody else goes on, at once. */
  async release({ work, lease }: Taken): Promise<void> {
    await db.query(
      'works.release',
      `update works set lease = null, lease_until = null
        where id = $1 and lease = $2 and state = 'running'`,
      [work.id, lease],
    )
  },

  /** @returns how it ended; null where it is no longer this process's */
  async finish({ work, lease }: Taken, error: string | null): Promise<Work | null> {
    const [ended] = await db.query<Work>(
      'works.finish',
      `update works set state = case when $3::text is null then 'done' else 'failed' end,
              error = $3, finished_at = now(), lease = null, lease_until = null
        where id = $1 and lease = $2 and state = 'running' returning ${columns}`,
      [work.id, lease, error],
    )
    return ended ?? null
  },

  /** Refused parts in the order of the file; `after` is the number of the last one seen. */
  refusals(id: string, after: number, limit: number): Promise<(Refusal & { number: number })[]> {
    return db.query(
      'works.refusals',
      `select number, line, subject, reason from work_refusals
        where work_id = $1 and number > $2 order by number limit $3`,
      [id, after, limit],
    )
  },

  /** Forgets uploads that broke off, and what ended long ago once its file is gone. */
  async sweep(): Promise<void> {
    await db.query(
      'works.abandon',
      `update works set state = 'cancelled', finished_at = now()
        where state = 'uploading' and lease_until < now()`,
    )
    await db.query(
      'works.sweep',
      `delete from works w where finished_at < now() - interval '${keptDays} days'
          and not exists (select from work_files f where f.work_id = w.id)`,
    )
  },
})

export type Works = ReturnType<typeof workRepository>
