import type { Db } from '#src/db/contract.ts'

/** Where somebody is reached, or was until a moment ago. */
export interface Address {
  userId: string
  locale: string | null
  type: 'email' | 'phone'
  value: string
  former: boolean
}

export const noticeRepository = (db: Db) => ({
  /** What these people have proven to be theirs, and what was taken from them within the day. */
  addresses: (userIds: readonly string[]): Promise<Address[]> =>
    db.query<Address>(
      'notices.addresses',
      `select i.user_id as "userId", u.locale, i.type, i.value, false as former
         from identifiers i join users u on u.id = i.user_id
        where i.user_id = any($1) and i.verified_at is not null and i.type in ('email', 'phone')
       union all
       select distinct f.user_id, u.locale, f.type, f.value, true
         from former_identifiers f left join users u on u.id = f.user_id
        where f.user_id = any($1) and not exists (
          select from identifiers i where i.type = f.type and i.value = f.value
             and i.verified_at is not null)`,
      [userIds],
    ),

  /**
   * Of these sign-ins, those in which an account was made; of these people, those whose account was made
   * within the hour, to own this server: whoever it is was there for all of it.
   */
  async beginnings(
    interactionUids: readonly string[],
    userIds: readonly string[],
  ): Promise<ReadonlySet<string>> {
    const rows = await db.query<{ id: string }>(
      'notices.beginnings',
      `select interaction_uid as id from audit_events
        where interaction_uid = any($1) and event = 'user.created'
       union all
       select user_id from audit_events
        where user_id = any($2) and event = 'admin.owner_created'
          and at > now() - interval '1 hour'`,
      [interactionUids, userIds],
    )
    return new Set(rows.map(({ id }) => id))
  },

  async sweep(): Promise<void> {
    await db.query(
      'notices.sweep',
      `delete from former_identifiers where ctid in (
         select ctid from former_identifiers where removed_at < now() - interval '1 day' limit 1000)`,
    )
  },
})
