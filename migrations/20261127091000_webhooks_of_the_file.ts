import type { Knex } from 'knex'

/** Webhooks may be held by the configuration file, as clients and connectors are. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('webhooks', (table) => {
    table.boolean('managed_by_file').notNullable().defaultTo(false)
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('webhooks', (table) => {
    table.dropColumn('managed_by_file')
  })
}
