import type { Db } from '#src/db/contract.ts'
import { wrongResults, wrongTries } from './policy.ts'

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

  /**
   * Notes, at most once a day, whose second steps fail: whoever tries has got past the first step of
   * this very person in the same sign-in. The log is followed by one process at a time, so nobody else
   * does the same at this moment.
   */
  async noteFailedSteps(userIds: readonly string[]): Promise<void> {
    await db.query(
      'notices.failedSteps',
      `insert into audit_events (event, user_id)
       select 'sign_in.second_step_failed', f.user_id from audit_events f
        where f.user_id = any($1) and f.at > now() - interval '1 day'
          and f.event = 'verification.failed' and f.result = any($2)
          and exists (select from audit_events s
            where s.interaction_uid = f.interaction_uid and s.user_id = f.user_id
              and s.event = 'verification.succeeded' and s.id < f.id)
          and not exists (select from audit_events n
            where n.user_id = f.user_id and n.event = 'sign_in.second_step_failed'
              and n.at > now() - interval '1 day')
        group by f.user_id having count(*) >= $3`,
      [userIds, wrongResults, wrongTries],
    )
  },

  async sweep(): Promise<void> {
    await db.query(
      'notices.sweep',
      `delete from former_identifiers where ctid in (
         select ctid from former_identifiers where removed_at < now() - interval '1 day' limit 1000)`,
    )
  },
})
