import type { Db } from '#src/db/contract.ts'
import type { IdentifierType } from './contract.ts'
import type { Search } from './search.ts'

/** One line of a list of people. */
export interface ListedUser {
  id: string
  name: string | null
  blocked: boolean
  roles: readonly string[]
  createdAt: Date
  lastSignInAt: Date | null
  identifiers: readonly { type: IdentifierType; value: string; verified: boolean }[]
}

export interface ListFilter {
  blocked: boolean | null
  createdAfter: Date | null
}

/** The newest first: microseconds since 1970, and the id. */
export type ListKey = readonly [createdAt: string, id: string]

/** Identifiers (1) or names (2), each in the order of its index. */
export type FoundKey = readonly [place: 1 | 2, key: string, id: string]

export interface Listed<Key> {
  user: ListedUser
  key: Key
}

type Row = ListedUser & { micros: string }

interface Seen {
  key: string
  id: string
  fits: boolean
}

const columns = `u.id, u.name, u.blocked_at is not null as blocked, u.roles,
  u.created_at as "createdAt", u.last_sign_in_at as "lastSignInAt",
  (extract(epoch from u.created_at) * 1000000)::bigint::text as micros,
  coalesce((select json_agg(json_build_object('type', i.type, 'value', i.value,
                     'verified', i.verified_at is not null) order by i.preferred_at desc nulls last, i.created_at, i.value)
              from identifiers i where i.user_id = u.id), '[]') as identifiers`

const toUser = ({ micros: _, ...user }: Row): ListedUser => user

/** The words of the condition, since the index of those who are blocked is a partial one. */
const states = {
  any: 'true',
  blocked: 'u.blocked_at is not null',
  active: 'u.blocked_at is null',
}
const stateOf = ({ blocked }: ListFilter): keyof typeof states =>
  blocked === null ? 'any' : blocked ? 'blocked' : 'active'

/** Rows of an index that one statement looks at, so that each is quick whatever the filter leaves. */
const stretch = 1000

const filtered = `u.id <> $4 and ($5::boolean is null or (u.blocked_at is not null) = $5)
  and u.created_at > coalesce($6::timestamptz, '-infinity')`

const byIdentifier = `with seen as materialized (
    select i.value as key, i.user_id as id, i.type from identifiers i
     where (i.value collate "C", i.user_id) > ($1, $2)
       and i.value collate "C" >= $7 and i.value collate "C" < $3
     order by i.value collate "C", i.user_id limit ${stretch}
  )
  select s.key, s.id, ${filtered}
         and not exists (select from identifiers o
                          where o.user_id = s.id and o.value collate "C" >= $7
                            and o.value collate "C" < $3
                            and (o.value collate "C", o.type) < (s.key, s.type)) as fits
    from seen s join users u on u.id = s.id order by s.key collate "C", s.id`

const byName = `with seen as materialized (
    select lower(n.name) as key, n.id from users n
     where (lower(n.name) collate "C", n.id) > (lower($1), $2)
       and lower(n.name) collate "C" >= lower($9) and lower(n.name) collate "C" < lower($3)
     order by lower(n.name) collate "C", n.id limit ${stretch}
  )
  select s.key, s.id, ${filtered}
         and not exists (select from identifiers o
                          where o.user_id = s.id and o.value collate "C" >= $7
                            and o.value collate "C" < $8) as fits
    from seen s join users u on u.id = s.id order by s.key collate "C", s.id`

/** In microseconds: the year 2286. */
const farAhead = '9999999999999999'

/** Lists of people: each page is one walk along an index, however many there are. */
export const userSearchRepository = (db: Db) => ({
  async newest(
    filter: ListFilter,
    after: ListKey | null,
    limit: number,
  ): Promise<Listed<ListKey>[]> {
    const state = stateOf(filter)
    const rows = await db.query<Row>(
      `users.list.${state}`,
      `select ${columns} from users u
        where (u.created_at, u.id)
                < (timestamptz 'epoch' + $1::bigint * interval '1 microsecond', $2)
          and u.created_at > coalesce($3::timestamptz, '-infinity') and ${states[state]}
        order by u.created_at desc, u.id desc limit $4`,
      [after?.[0] ?? farAhead, after?.[1] ?? '', filter.createdAfter, limit],
    )
    return rows.map((row) => ({ user: toUser(row), key: [row.micros, row.id] }))
  },

  /** People by their ids, in this order. */
  async withIds(ids: readonly string[]): Promise<ListedUser[]> {
    if (ids.length === 0) return []
    const rows = await db.query<Row>(
      'users.listed',
      `select ${columns} from users u where u.id = any($1::text[])`,
      [ids],
    )
    const found = new Map(rows.map((row) => [row.id, toUser(row)]))
    return ids.flatMap((id) => found.get(id) ?? [])
  },

  async hasId(id: string, { blocked, createdAfter }: ListFilter): Promise<boolean> {
    const rows = await db.query(
      'users.search.id',
      `select 1 from users u where u.id = $1
          and ($2::boolean is null or (u.blocked_at is not null) = $2)
          and u.created_at > coalesce($3::timestamptz, '-infinity')`,
      [id, blocked, createdAfter],
    )
    return rows.length > 0
  },

  /**
   * The next stretch of those whose identifier (1) or name (2) begins with what is looked for, and
   * which of them are to be shown: nobody by two identifiers, nor by an identifier and the name.
   *
   * @returns rows in their order; fewer than {@link stretchLength} at the end
   */
  async stretch(
    place: 1 | 2,
    search: Search,
    { blocked, createdAfter }: ListFilter,
    after: readonly [key: string, id: string] | null,
  ): Promise<Seen[]> {
    const name = place === 2
    const [from, to] = name
      ? [search.name, search.nameEnd]
      : [search.identifier, search.identifierEnd]
    return db.query<Seen>(
      name ? 'users.search.name' : 'users.search.identifier',
      name ? byName : byIdentifier,
      [
        after?.[0] ?? from,
        after?.[1] ?? '',
        to,
        search.id,
        blocked,
        createdAfter,
        search.identifier,
        ...(name ? [search.identifierEnd, search.name] : []),
      ],
    )
  },
})

export const stretchLength = stretch
