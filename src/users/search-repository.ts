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

/** Ids first (0), then identifiers (1), then names (2), each in the order of its index. */
export type FoundKey = readonly [place: number, key: string, id: string]

type Row = Omit<ListedUser, 'identifiers'> & {
  identifiers: ListedUser['identifiers']
  micros: string
}
type FoundRow = Row & { place: number; key: string }

export interface Listed<Key> {
  user: ListedUser
  key: Key
}

const columns = `u.id, u.name, u.blocked_at is not null as blocked, u.roles,
  u.created_at as "createdAt", u.last_sign_in_at as "lastSignInAt",
  (extract(epoch from u.created_at) * 1000000)::bigint::text as micros,
  coalesce((select json_agg(json_build_object('type', i.type, 'value', i.value,
                     'verified', i.verified_at is not null) order by i.created_at, i.value)
              from identifiers i where i.user_id = u.id), '[]') as identifiers`

const toUser = ({ id, name, blocked, roles, createdAt, lastSignInAt, identifiers }: Row) => ({
  id,
  name,
  blocked,
  roles,
  createdAt,
  lastSignInAt,
  identifiers,
})

/** The words of the condition, since the index of those who are blocked is a partial one. */
const states = {
  any: 'true',
  blocked: 'u.blocked_at is not null',
  active: 'u.blocked_at is null',
}
const stateOf = ({ blocked }: ListFilter): keyof typeof states =>
  blocked === null ? 'any' : blocked ? 'blocked' : 'active'

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

  /**
   * Whoever has this id, an identifier or a name that begins with what is looked for. Nobody is
   * there twice: not by two identifiers, nor by an identifier and the name.
   */
  async matching(
    search: Search,
    filter: ListFilter,
    after: FoundKey | null,
    limit: number,
  ): Promise<Listed<FoundKey>[]> {
    const state = stateOf(filter)
    const fits = `${states[state]} and u.created_at > coalesce($9::timestamptz, '-infinity')`
    const named = 'lower(u.name) collate "C"'
    const rows = await db.query<FoundRow>(
      `users.search.${state}`,
      `select m.place, m.key, ${columns} from (
         (select 0 as place, ''::text as key, u.id from users u
           where u.id = $1 and $2::boolean and ${fits})
         union all
         (select 1, i.value, i.user_id
            from identifiers i join users u on u.id = i.user_id
           where (i.value collate "C", i.user_id) > ($3, $4) and i.value collate "C" < $5
             and i.user_id <> $1 and ${fits}
             and not exists (select from identifiers o
                              where o.user_id = i.user_id and o.value collate "C" >= $10
                                and o.value collate "C" < $5
                                and (o.value collate "C", o.type) < (i.value, i.type))
           order by i.value collate "C", i.user_id limit $11)
         union all
         (select 2, lower(u.name), u.id from users u
           where (${named}, u.id) > (lower($6), $7) and ${named} < lower($8)
             and u.id <> $1 and ${fits}
             and not exists (select from identifiers o
                              where o.user_id = u.id and o.value collate "C" >= $10
                                and o.value collate "C" < $5)
           order by ${named}, u.id limit $11)
       ) m join users u on u.id = m.id
       order by m.place, m.key collate "C", m.id limit $11`,
      [search.id, ...bounds(search, after), filter.createdAfter, search.identifier, limit],
    )
    return rows.map((row) => ({ user: toUser(row), key: [row.place, row.key, row.id] }))
  },
})

/** Where to begin in each place: with the prefix itself, behind the last row, or nowhere. */
const bounds = (search: Search, after: FoundKey | null): readonly unknown[] => {
  const [place, key, id] = after ?? [-1, '', '']
  const from = (own: number, prefix: string) =>
    place < own ? [prefix, ''] : place === own ? [key, id] : [null, null]
  return [
    place < 0,
    ...from(1, search.identifier),
    search.identifierEnd,
    ...from(2, search.name),
    search.nameEnd,
  ]
}
