import type { Knex } from 'knex'

/** How often: keys are keyed hashes, so that the table tells nobody who was active. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('send_limits', (table) => {
    table.binary('key').primary()
    table.timestamp('hour_at').notNullable()
    table.integer('hour_count').notNullable()
    table.timestamp('day_at').notNullable()
    table.integer('day_count').notNullable()
    table.integer('in_row').notNullable()
    table.timestamp('next_at').notNullable()
    table.index('day_at')
  })
  await knex.schema.createTable('address_limits', (table) => {
    table.binary('key').primary()
    table.timestamp('window_at').notNullable().index()
    table.integer('count').notNullable()
  })
  await knex.schema.createTable('attempts', (table) => {
    table.binary('key').primary()
    table.integer('failures').notNullable()
    table.integer('locks').notNullable()
    table.timestamp('locked_until')
    table.timestamp('updated_at').notNullable().index()
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['attempts', 'address_limits', 'send_limits']) {
    await knex.schema.dropTable(table)
  }
}
