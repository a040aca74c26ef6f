import type { Knex } from 'knex'

/** A form that an admin has sent when they had to sign in again first. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('console_sessions', (table) => {
    table.binary('unsent')
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('console_sessions', (table) => {
    table.dropColumn('unsent')
  })
}
