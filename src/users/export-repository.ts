import type { Db } from '#src/db/contract.ts'
import type { User } from './contract.ts'
import type { Holder } from './import-repository.ts'

export interface ExportedUser extends Omit<User, 'updatedAt'> {
  lastSignInAt: Date | null
  identifiers: readonly (Omit<Holder, 'userId'> & { display: string })[]
}

/** Everybody, a page at a time in the order of their ids. */
export const userExportRepository = (db: Db) => ({
  async count(): Promise<number> {
    const [row] = await db.query<{ count: number }>(
      'users.exportCount',
      'select count(*)::int as count from users',
    )
    return row!.count
  },

  page(after: string, limit: number): Promise<ExportedUser[]> {
    return db.query(
      'users.exportPage',
      `select u.id, u.name, u.locale, u.blocked_at is not null as blocked, u.roles,
              u.custom_data as "customData", u.created_at as "createdAt",
              u.last_sign_in_at as "lastSignInAt",
              coalesce((select json_agg(json_build_object('type', i.type, 'value', i.value,
                         'display', i.display, 'verified', i.verified_at is not null)
                         order by i.preferred_at desc nulls last, i.created_at, i.value)
                          from identifiers i where i.user_id = u.id), '[]') as identifiers
         from users u where u.id > $1 order by u.id limit $2`,
      [after, limit],
    )
  },
})
