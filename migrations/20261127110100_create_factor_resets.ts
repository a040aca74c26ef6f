import type { Knex } from 'knex'

/** Requests of people who have lost all their second factors. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('factor_resets', (table) => {
    table.text('id').primary()
    table.text('user_id').notNullable().references('users.id').onDelete('cascade')
    // requested → approved → completed; or denied, or cancelled.
    table.text('state').notNullable().defaultTo('requested')
    table.timestamp('requested_at').notNullable().defaultTo(knex.fn.now())
    table.timestamp('decided_at')
    // From when an approved one is carried out.
    table.timestamp('due_at')
    table.timestamp('ended_at')
    table.index('user_id')
  })
  await knex.raw(
    `create unique index factor_resets_open on factor_resets (user_id)
      where state in ('requested', 'approved')`,
  )
  await knex.raw(
    `create index factor_resets_due on factor_resets (due_at) where state = 'approved'`,
  )
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('factor_resets')
}
