import type { Knex } from 'knex'

/**
 * Work may make a file, such as an export, instead of reading one. That is there when the work ends
 * and for a day after it, so that whoever has left finds it again.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('works', (table) => {
    table.boolean('makes_file').notNullable().defaultTo(false)
    // Where whoever goes on begins, for work that is not counted through.
    table.text('position')
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('works', (table) => {
    table.dropColumns('makes_file', 'position')
  })
}
