import type { Knex } from 'knex'

/** A new key is known to everybody before it signs, and the old one after it has. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('signing_keys', (table) => {
    table.timestamp('signs_from').notNullable().defaultTo(knex.fn.now())
  })
  await knex.raw('update signing_keys set signs_from = created_at')
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('signing_keys', (table) => {
    table.dropColumn('signs_from')
  })
}
