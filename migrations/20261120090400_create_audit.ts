import type { Knex } from 'knex'

/** What happened, append-only: an update or delete is refused, except by the retention job. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('audit_events', (table) => {
    table.bigIncrements('id')
    table.timestamp('at').notNullable().defaultTo(knex.fn.now())
    table.text('event').notNullable()
    // The reference that people are shown.
    table.text('reference')
    table.text('interaction_uid')
    table.text('user_id')
    table.text('client_id')
    table.text('method')
    table.text('result')
    table.text('address')
    table.text('detail')
    table.index(['user_id', 'at'])
  })
  await knex.raw('create index audit_events_interaction on audit_events (interaction_uid)')
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('audit_events')
}
