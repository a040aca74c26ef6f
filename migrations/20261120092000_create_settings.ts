import type { Knex } from 'knex'

/** Relying parties, and what an admin changes while it runs. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('clients', (table) => {
    table.text('client_id').primary()
    // Everything but what has a column, as JSON under the names of the specification.
    table.text('metadata').notNullable()
    table.specificType('secret_hashes', 'text[]').notNullable()
    table.boolean('managed_by_file').notNullable().defaultTo(false)
    table.timestamp('created_at').notNullable().defaultTo(knex.fn.now())
    table.timestamp('updated_at').notNullable().defaultTo(knex.fn.now())
  })
  // One row for each section that differs from the defaults.
  await knex.schema.createTable('settings', (table) => {
    table.text('section').primary()
    // What was set, by whomever; JSON.
    table.text('value').notNullable()
    // What of it the configuration file holds; null once the file no longer names the section.
    table.text('file_value')
    // Only ever grows, so that the sum over all rows tells whether anything has changed.
    table.integer('version').notNullable().defaultTo(1)
    table.timestamp('updated_at').notNullable().defaultTo(knex.fn.now())
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('settings')
  await knex.schema.dropTable('clients')
}
