import type { Knex } from 'knex'

/** Copies of clients that admins try them with. They last for minutes and are in no list. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('client_trials', (table) => {
    // Known to whoever begins the trial; it opens nothing without the secret, which is derived.
    table.text('id').primary()
    table.text('client_id').notNullable()
    table.timestamp('expires_at').notNullable()
  })
  await knex.raw('create index client_trials_expiry on client_trials (expires_at)')
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('client_trials')
}
