import type { Knex } from 'knex'

/** People, and what they are known by. An identifier is unique only once it is proven. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('users', (table) => {
    table.text('id').primary()
    table.text('name')
    table.text('locale')
    table.timestamp('blocked_at')
    table.timestamp('last_sign_in_at')
    table.timestamp('created_at').notNullable().defaultTo(knex.fn.now())
    table.timestamp('updated_at').notNullable().defaultTo(knex.fn.now())
  })
  await knex.schema.createTable('identifiers', (table) => {
    table.text('user_id').notNullable().references('users.id').onDelete('cascade')
    table.text('type').notNullable()
    table.text('value').notNullable()
    table.text('display').notNullable()
    table.timestamp('verified_at')
    table.timestamp('created_at').notNullable().defaultTo(knex.fn.now())
    table.primary(['user_id', 'type', 'value'])
  })
  await knex.raw(
    'create unique index identifiers_proven on identifiers (type, value) where verified_at is not null',
  )
  await knex.raw('create index identifiers_value on identifiers (type, value)')

  // Which people have signed in with which browser: offers them again, and gives them a count of
  // failures of their own, so that strangers lock nobody out.
  await knex.schema.createTable('known_browsers', (table) => {
    table.binary('browser').notNullable()
    table.text('user_id').notNullable().references('users.id').onDelete('cascade')
    table.text('identifier_type').notNullable()
    table.text('identifier_value').notNullable()
    table.text('method').notNullable()
    table.timestamp('last_used_at').notNullable().defaultTo(knex.fn.now())
    table.primary(['browser', 'user_id'])
    table.index('user_id')
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['known_browsers', 'identifiers', 'users']) {
    await knex.schema.dropTable(table)
  }
}
