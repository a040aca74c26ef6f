import type { Knex } from 'knex'

/** Browsers in which somebody is not asked for a second factor for a while. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('trusted_browsers', (table) => {
    table.text('id').primary()
    table.text('user_id').notNullable().references('users.id').onDelete('cascade')
    // Keyed hashes: of the cookie that tells browsers apart, and of the one that is the trust.
    table.binary('browser').notNullable()
    table.binary('token').notNullable()
    table.text('agent')
    table.timestamp('created_at').notNullable().defaultTo(knex.fn.now())
    table.timestamp('expires_at').notNullable().index()
    table.timestamp('last_used_at')
    table.unique(['user_id', 'browser'])
  })
  // Offered first the next time.
  await knex.schema.alterTable('known_browsers', (table) => {
    table.text('second_method')
  })
  // When everything that somebody trusted was dropped: a sign-in that began before adds nothing.
  await knex.schema.alterTable('users', (table) => {
    table.timestamp('trust_dropped_at')
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('users', (table) => {
    table.dropColumn('trust_dropped_at')
  })
  await knex.schema.alterTable('known_browsers', (table) => {
    table.dropColumn('second_method')
  })
  await knex.schema.dropTable('trusted_browsers')
}
