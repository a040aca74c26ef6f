import type { Db } from '#src/db/contract.ts'
import type { Role } from '../contract.ts'

export interface AdminRow {
  userId: string
  name: string | null
  role: Role
  blocked: boolean
  /** An authenticator app is set up, without which the console lets nobody in. */
  secondFactor: boolean
  createdAt: Date
  version: number
}

const columns = `a.user_id as "userId", u.name, a.role, u.blocked_at is not null as blocked,
  exists (select from totp_secrets s where s.user_id = a.user_id) as "secondFactor",
  a.created_at as "createdAt", a.version`

/** Who manages this server. */
export const adminRepository = (db: Db) => ({
  /** Null for whoever is no admin, or is blocked. */
  async role(userId: string): Promise<Role | null> {
    const [row] = await db.query<{ role: Role }>(
      'admins.role',
      `select a.role from admins a join users u on u.id = a.user_id
        where a.user_id = $1 and u.blocked_at is null`,
      [userId],
    )
    return row?.role ?? null
  },

  async find(userId: string): Promise<AdminRow | null> {
    const [row] = await db.query<AdminRow>(
      'admins.find',
      `select ${columns} from admins a join users u on u.id = a.user_id where a.user_id = $1`,
      [userId],
    )
    return row ?? null
  },

  async list(after: string, limit: number): Promise<AdminRow[]> {
    return db.query<AdminRow>(
      'admins.list',
      `select ${columns} from admins a join users u on u.id = a.user_id
        where a.user_id > $1 order by a.user_id limit $2`,
      [after, limit],
    )
  },

  /** @returns false for nobody, or where the role has changed since `version` */
  async put(userId: string, role: Role, version: number | null): Promise<boolean> {
    const rows = await db.query(
      'admins.put',
      `insert into admins as a (user_id, role)
       select id, $2 from users where id = $1
          and ($3::int is null or exists (select from admins where user_id = $1))
       on conflict (user_id) do update set role = excluded.role, version = a.version + 1
         where $3::int is null or a.version = $3
       returning 1`,
      [userId, role, version],
    )
    return rows.length > 0
  },

  async remove(userId: string, version: number | null): Promise<boolean> {
    const rows = await db.query(
      'admins.remove',
      `delete from admins where user_id = $1 and ($2::int is null or version = $2) returning 1`,
      [userId, version],
    )
    return rows.length > 0
  },

  async hasOwner(): Promise<boolean> {
    const rows = await db.query(
      'admins.hasOwner',
      `select 1 from admins where role = 'owner' limit 1`,
    )
    return rows.length > 0
  },

  /** Replaces the link to the first owner: whatever was printed before is dead. */
  async replaceLink(hash: Buffer, minutes: number): Promise<void> {
    await db.query(
      'admins.replaceLink',
      `with gone as (delete from owner_links where hash <> $1)
       insert into owner_links (hash, expires_at) values ($1, now() + make_interval(mins => $2))`,
      [hash, minutes],
    )
  },

  async isLinkOpen(hash: Buffer): Promise<boolean> {
    const rows = await db.query(
      'admins.isLinkOpen',
      'select 1 from owner_links where hash = $1 and expires_at > now()',
      [hash],
    )
    return rows.length > 0
  },

  /** Spends the link: of any number who come with it, one becomes the owner. */
  async becomeOwner(hash: Buffer, userId: string): Promise<boolean> {
    const rows = await db.query(
      'admins.becomeOwner',
      `with spent as (
         delete from owner_links where hash = $1 and expires_at > now() returning 1
       )
       insert into admins (user_id, role) select $2, 'owner' from spent
       on conflict (user_id) do update set role = 'owner', version = admins.version + 1
       returning 1`,
      [hash, userId],
    )
    return rows.length > 0
  },
})

export type Admins = ReturnType<typeof adminRepository>
