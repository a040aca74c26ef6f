import type { Knex } from 'knex'

/**
 * An export is work as well: what it writes is fetched once it is done, so its file stays for a while,
 * and whoever goes on with it has to know where it stands.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('works', (table) => {
    // Until then the file stays; null: it goes when the work ends.
    table.timestamp('file_until')
    // Where whoever goes on begins, in the words of the kind of work.
    table.text('position')
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('works', (table) => {
    table.dropColumns('file_until', 'position')
  })
}
