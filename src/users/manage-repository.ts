import type { Db } from '#src/db/contract.ts'
import { randomId } from '#src/lib/crypto.ts'
import type { Identifier, IdentifierType, User } from './contract.ts'

/** Somebody as admins see them, without what the ways to sign in keep. */
export interface ManagedUser extends User {
  version: number
  blockedAt: Date | null
  lastSignInAt: Date | null
  identifiers: readonly ManagedIdentifier[]
  /** Browsers that the person has signed in with. */
  knownBrowsers: number
}

export interface ManagedIdentifier extends Identifier {
  verified: boolean
}

export interface NewUser {
  name: string | null
  locale: string | null
  roles: readonly string[]
  customData: Readonly<Record<string, unknown>>
}

/** What is left out stays. */
export type UserPatch = { [Key in keyof NewUser]?: NewUser[Key] | undefined }

type Row = Omit<ManagedUser, 'blocked'>

/** What admins do with people. `version` is what was looked at before; null: whatever is there. */
export const managedUserRepository = (db: Db) => ({
  async find(id: string): Promise<ManagedUser | null> {
    const [row] = await db.query<Row>(
      'users.managed',
      `select u.id, u.name, u.locale, u.roles, u.custom_data as "customData", u.version,
              u.blocked_at as "blockedAt", u.last_sign_in_at as "lastSignInAt",
              u.created_at as "createdAt", u.updated_at as "updatedAt",
              coalesce((select json_agg(json_build_object('type', i.type, 'value', i.value,
                         'display', i.display, 'verified', i.verified_at is not null)
                         order by i.preferred_at desc nulls last, i.created_at, i.value)
                          from identifiers i where i.user_id = u.id), '[]') as identifiers,
              (select count(*)::int from known_browsers k where k.user_id = u.id)
                as "knownBrowsers"
         from users u where u.id = $1`,
      [id],
    )
    return row ? { ...row, blocked: row.blockedAt !== null } : null
  },

  async create(user: NewUser): Promise<string> {
    const id = randomId()
    await db.query(
      'users.createManaged',
      `insert into users (id, name, locale, roles, custom_data) values ($1, $2, $3, $4, $5)`,
      [id, user.name, user.locale, user.roles, JSON.stringify(user.customData)],
    )
    return id
  },

  /** @returns false where there is no such version */
  async change(id: string, patch: UserPatch, version: number | null): Promise<boolean> {
    const given = (key: keyof UserPatch) => patch[key] !== undefined
    const rows = await db.query(
      'users.change',
      `update users set version = version + 1, updated_at = now(),
              name = case when $3 then $4 else name end,
              locale = case when $5 then $6 else locale end,
              roles = coalesce($7, roles), custom_data = coalesce($8, custom_data)
        where id = $1 and ($2::int is null or version = $2) returning 1`,
      [
        id,
        version,
        given('name'),
        patch.name ?? null,
        given('locale'),
        patch.locale ?? null,
        patch.roles ?? null,
        patch.customData ? JSON.stringify(patch.customData) : null,
      ],
    )
    return rows.length === 1
  },

  /**
   * Counts a change of something that hangs on the person. Until the end of the transaction nobody
   * else changes or deletes them.
   *
   * @returns false where there is no such version
   */
  async touch(id: string, version: number | null): Promise<boolean> {
    const rows = await db.query(
      'users.touch',
      `update users set version = version + 1, updated_at = now()
        where id = $1 and ($2::int is null or version = $2) returning 1`,
      [id, version],
    )
    return rows.length === 1
  },

  async setBlocked(id: string, blocked: boolean, version: number | null): Promise<boolean> {
    const rows = await db.query(
      'users.setBlocked',
      `update users set version = version + 1, updated_at = now(),
              blocked_at = case when $3 then coalesce(blocked_at, now()) end
        where id = $1 and ($2::int is null or version = $2) returning 1`,
      [id, version, blocked],
    )
    return rows.length === 1
  },

  /** Credentials, identifiers and all else that hangs on the row go with it. */
  async delete(id: string, version: number | null): Promise<boolean> {
    const rows = await db.query(
      'users.delete',
      `delete from users where id = $1 and ($2::int is null or version = $2) returning 1`,
      [id, version],
    )
    return rows.length === 1
  },

  /**
   * Gives somebody an identifier; one that they have already may become proven by it. Several keep
   * the order in which they are given.
   *
   * @returns false where somebody else has proven that it is theirs
   */
  async addIdentifier(id: string, identifier: Identifier, verified: boolean): Promise<boolean> {
    const rows = await db.query(
      'users.addIdentifier',
      `with taken as (
         select from identifiers
          where type = $2 and value = $3 and verified_at is not null and user_id <> $1
       )
       insert into identifiers (user_id, type, value, display, verified_at, created_at)
       select $1, $2, $3, $4, case when $5 then now() end, clock_timestamp()
        where not exists (select from taken)
       on conflict (user_id, type, value) do update set display = excluded.display,
         verified_at = coalesce(identifiers.verified_at, excluded.verified_at)
       returning 1`,
      [id, identifier.type, identifier.value, identifier.display, verified],
    )
    return rows.length === 1
  },

  async removeIdentifier(id: string, type: IdentifierType, value: string): Promise<boolean> {
    const rows = await db.query(
      'users.removeIdentifier',
      'delete from identifiers where user_id = $1 and type = $2 and value = $3 returning 1',
      [id, type, value],
    )
    return rows.length === 1
  },
})
