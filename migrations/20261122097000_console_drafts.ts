import type { Knex } from 'knex'

/** What somebody is typing, so that a frame of its own can show it before it is saved. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('console_sessions', (table) => {
    // Sealed; only the newest of each session.
    table.binary('draft')
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('console_sessions', (table) => {
    table.dropColumn('draft')
  })
}
