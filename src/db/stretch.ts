import { sha256 } from '#src/lib/crypto.ts'
import type { Db } from './contract.ts'

/** Of a row in a list: microseconds since 1970, and its id. As text, since they may outgrow a number. */
export type Position = readonly [micros: string, id: string]

/** What has to hold: a name for it, and its text with `?` for the value if there is one. */
export type Condition = readonly [name: string, text: string, ...value: [] | [unknown]]

export interface Stretch<R> {
  rows: (R & { micros: string })[]
  /** Where to go on; null at the end. There may be more although nothing was found here. */
  next: Position | null
}

/** Which list; all of it are constants. */
export interface Listing {
  /** Begins the names of its statements. */
  name: string
  table: string
  columns: string
}

/** How many rows are looked at for one page, so that a rare thing takes no longer than another. */
export const mostLookedAt = 20_000

const micros = '(extract(epoch from created_at) * 1000000)::bigint as micros'

/** Numbers the values of some conditions, after those that are there. */
const numbered = (conditions: readonly Condition[], before: number) => {
  let at = before
  return {
    texts: conditions.map(([, text, ...value]) =>
      value.length ? text.replace('?', `$${++at}`) : text,
    ),
    values: conditions.flatMap(([, , ...value]) => value),
  }
}

/** One name for each text: such a name has to be short. */
const nameOf = (name: string, conditions: readonly Condition[], after: Position | null): string => {
  const shape = [...conditions.map(([each]) => each), after ? 'after' : 'first'].join(' ')
  return `${name}.${sha256(shape).toString('hex').slice(0, 16)}`
}

const whereOf = (texts: readonly string[]) =>
  texts.length > 0 ? `where ${texts.join(' and ')}` : ''

/**
 * The newest rows of a table by `created_at` and `id`. Of those that `lead` finds, which an index has in
 * this order, `others` are asked of a bounded number: a page may then hold fewer than asked for, and
 * says where to go on.
 */
export const newestOf = async <R extends object>(
  db: Db,
  { name, table, columns }: Listing,
  { lead, others }: { lead: readonly Condition[]; others: readonly Condition[] },
  after: Position | null,
  limit: number,
): Promise<Stretch<R>> => {
  const first = numbered(lead, 0)
  const place = first.values.length + 1
  const begin = after
    ? [
        `(created_at, id) <
           ('epoch'::timestamptz + $${place}::bigint * interval '1 microsecond', $${place + 1})`,
      ]
    : []
  const from = whereOf([...first.texts, ...begin])
  const values = [...first.values, ...(after ?? [])]
  const looked = numbered(others, values.length)
  const room = values.length + looked.values.length + 1
  const order = 'order by created_at desc, id desc'

  const rows = await db.query<R & { id: string; micros: string }>(
    nameOf(name, [...lead, ...others], after),
    `select ${columns}, ${micros} from (
       select * from ${table} ${from} ${order}
        limit ${others.length > 0 ? mostLookedAt : `$${room}`}) newest
     ${whereOf(looked.texts)} ${order} limit $${room}`,
    [...values, ...looked.values, limit + 1],
  )
  if (rows.length > limit) {
    const shown = rows.slice(0, limit)
    const last = shown.at(-1)!
    return { rows: shown, next: [last.micros, last.id] }
  }
  if (others.length === 0) return { rows, next: null }
  // Where looking has ended before the list does.
  const [last] = await db.query<{ micros: string; id: string }>(
    nameOf(`${name}.end`, lead, after),
    `select ${micros}, id from ${table} ${from} ${order} offset ${mostLookedAt - 1} limit 1`,
    values,
  )
  return { rows, next: last ? [last.micros, last.id] : null }
}
