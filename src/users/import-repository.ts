import type { Db } from '#src/db/contract.ts'
import type { Identifier } from './contract.ts'

/** Somebody who comes from elsewhere, with everything checked. */
export interface ImportedUser {
  id: string
  name: string | null
  locale: string | null
  blocked: boolean
  /** Null: now. */
  createdAt: Date | null
  roles: readonly string[]
  customData: Readonly<Record<string, unknown>>
  identifiers: readonly (Identifier & { verified: boolean })[]
}

export interface Holder {
  type: string
  value: string
  userId: string
  verified: boolean
}

/** Many people at a time, for imports; in the transaction of the caller. */
export const userImportRepository = (db: Db) => ({
  /** Those of the ids that somebody has. */
  async existing(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await db.query<{ id: string }>(
      'users.existing',
      'select id from users where id = any($1)',
      [ids],
    )
    return new Set(rows.map(({ id }) => id))
  },

  /** Who has these identifiers, proven or not. */
  holders(identifiers: readonly Identifier[]): Promise<Holder[]> {
    return db.query(
      'users.holders',
      `select i.type, i.value, i.user_id as "userId", i.verified_at is not null as verified
         from unnest($1::text[], $2::text[]) as given (type, value)
         join identifiers i on i.type = given.type and i.value = given.value`,
      [identifiers.map(({ type }) => type), identifiers.map(({ value }) => value)],
    )
  },

  /** Fails as a whole where an id, or something that is proven, is somebody else's meanwhile. */
  async add(users: readonly ImportedUser[]): Promise<void> {
    await db.query(
      'users.addMany',
      `insert into users (id, name, locale, blocked_at, created_at, roles, custom_data)
       select id, name, locale, case when blocked then now() end, coalesce("createdAt", now()),
              array(select json_array_elements_text(roles)), "customData"
         from json_to_recordset($1) as given (id text, name text, locale text, blocked boolean,
              "createdAt" timestamptz, roles json, "customData" json)`,
      [JSON.stringify(users)],
    )
    const all = users.flatMap(({ id, identifiers }) =>
      identifiers.map((identifier) => ({ userId: id, ...identifier })),
    )
    await db.query(
      'users.addManyIdentifiers',
      `insert into identifiers (user_id, type, value, display, verified_at, created_at)
       select user_id, type, value, display, case when verified then now() end,
              now() + place * interval '1 microsecond'
         from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[])
              with ordinality as given (user_id, type, value, display, verified, place)`,
      [
        all.map(({ userId }) => userId),
        all.map(({ type }) => type),
        all.map(({ value }) => value),
        all.map(({ display }) => display),
        all.map(({ verified }) => verified),
      ],
    )
  },
})
