import type { Knex } from 'knex'

/** A sign-in is completed once, however often its last form is sent. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(
    `delete from audit_events later using audit_events first
      where later.event = 'sign_in.completed' and first.event = later.event
        and first.interaction_uid = later.interaction_uid and first.id < later.id`,
  )
  await knex.raw(
    `create unique index audit_events_completed on audit_events (interaction_uid)
      where event = 'sign_in.completed'`,
  )
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop index audit_events_completed')
}
