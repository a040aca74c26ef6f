import type { Db } from '#src/db/contract.ts'
import type { Role } from '../contract.ts'

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
