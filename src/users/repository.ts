import type { Db } from '#src/db/contract.ts'
import { randomId } from '#src/lib/crypto.ts'
import type { Identifier, User } from './contract.ts'

export interface OwnIdentifier extends Identifier {
  verified: boolean
}

export interface Account extends User {
  identifiers: readonly OwnIdentifier[]
}

/** A person as {@link accountJson} gives them. */
export interface AccountJson {
  id: string
  name: string | null
  locale: string | null
  blocked: boolean
  roles: string[]
  customData: Record<string, unknown>
  createdAt: string
  updatedAt: string
  identifiers: OwnIdentifier[]
}

/**
 * The person whose id is in a column, as one JSON value or null: for statements that need them
 * beside something else.
 */
export const accountJson = (column: string): string =>
  `(select json_build_object('id', u.id, 'name', u.name, 'locale', u.locale,
      'blocked', u.blocked_at is not null, 'roles', u.roles, 'customData', u.custom_data,
      'createdAt', u.created_at, 'updatedAt', u.updated_at,
      'identifiers', coalesce((
        select json_agg(json_build_object('type', i.type, 'value', i.value, 'display', i.display,
                 'verified', i.verified_at is not null) order by i.preferred_at desc nulls last, i.created_at)
          from identifiers i where i.user_id = u.id), '[]'))
     from users u where u.id = ${column})`

export const toAccount = ({ createdAt, updatedAt, ...rest }: AccountJson): Account => ({
  ...rest,
  createdAt: new Date(createdAt),
  updatedAt: new Date(updatedAt),
})

/** People and what they are known by. */
export const userRepository = (db: Db) => ({
  /** Ids are random and never given out again: they are the `sub` of every token. */
  async create(user: { name: string | null; locale: string | null }): Promise<string> {
    const id = randomId()
    await db.query('users.create', 'insert into users (id, name, locale) values ($1, $2, $3)', [
      id,
      user.name,
      user.locale,
    ])
    return id
  },

  /** One person with everything that tokens, pages and policies ask about. */
  async find(id: string): Promise<Account | null> {
    const [row] = await db.query<{ account: AccountJson | null }>(
      'users.find',
      `select ${accountJson('$1')} as account`,
      [id],
    )
    return row?.account ? toAccount(row.account) : null
  },

  /** The person who has proven that the identifier is theirs. */
  async findOwner({ type, value }: Identifier): Promise<string | null> {
    const [row] = await db.query<{ user_id: string }>(
      'users.findOwner',
      `select user_id from identifiers
        where type = $1 and value = $2 and verified_at is not null`,
      [type, value],
    )
    return row?.user_id ?? null
  },

  /** An account that has the identifier and has proven none of its own yet, such as an imported one. */
  async findUnproven({ type, value }: Identifier): Promise<string | null> {
    const [row] = await db.query<{ user_id: string }>(
      'users.findUnproven',
      `select i.user_id from identifiers i
        where i.type = $1 and i.value = $2 and i.verified_at is null
          and not exists (select from identifiers o
                           where o.user_id = i.user_id and o.verified_at is not null)
        order by i.created_at limit 1`,
      [type, value],
    )
    return row?.user_id ?? null
  },

  /**
   * Gives a proven identifier to a person. The unique index decides between two who come at once.
   *
   * @returns false if it is somebody else's
   */
  async prove(userId: string, { type, value, display }: Identifier): Promise<boolean> {
    const rows = await db.query(
      'users.prove',
      `with taken as (
         select from identifiers
          where type = $2 and value = $3 and verified_at is not null and user_id <> $1
       )
       insert into identifiers (user_id, type, value, display, verified_at)
       select $1, $2, $3, $4, now() where not exists (select from taken)
       on conflict (user_id, type, value) do update set verified_at =
         coalesce(identifiers.verified_at, now())
       returning 1`,
      [userId, type, value, display],
    )
    return rows.length === 1
  },

  /**
   * Notes that an identifier which a person has is proven.
   *
   * @returns false if they do not have it
   */
  async confirm(userId: string, { type, value }: Identifier): Promise<boolean> {
    const rows = await db.query(
      'users.confirm',
      `update identifiers set verified_at = coalesce(verified_at, now())
        where user_id = $1 and type = $2 and value = $3 returning 1`,
      [userId, type, value],
    )
    return rows.length === 1
  },

  /**
   * Notes a completed sign-in: when, and with which browser, so that it is known next time. Whoever
   * comes back keeps their account.
   *
   * @returns whether it was about to be deleted
   */
  async signedIn(
    id: string,
    browser: Buffer,
    last: { identifier: Identifier; method: string; second: string | null },
  ): Promise<boolean> {
    const [row] = await db.query<{ kept: boolean }>(
      'users.signedIn',
      // The person first: who is being deleted right now is not remembered.
      `with before as (
         select id, delete_at from users where id = $1 for update
       ), person as (
         update users u set last_sign_in_at = now(), delete_at = null
           from before b where u.id = b.id returning u.id, b.delete_at is not null as kept
       ), noted as (
       insert into known_browsers (browser, user_id, identifier_type, identifier_value, method,
           second_method)
       select $2, id, $3, $4, $5, $6 from person
       on conflict (browser, user_id) do update set identifier_type = excluded.identifier_type,
         identifier_value = excluded.identifier_value, method = excluded.method,
         second_method = coalesce(excluded.second_method, known_browsers.second_method),
         last_used_at = now()
       )
       select kept from person`,
      [id, browser, last.identifier.type, last.identifier.value, last.method, last.second],
    )
    return row?.kept === true
  },
})

export type Users = ReturnType<typeof userRepository>
