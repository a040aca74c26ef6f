import type { Knex } from 'knex'

/**
 * What people have enrolled. Nothing here can be used without `SECRET_KEYS`: passwords are
 * peppered, authenticator secrets sealed, backup codes kept as keyed hashes.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('passwords', (table) => {
    table.text('user_id').primary().references('users.id').onDelete('cascade')
    table.text('hash').notNullable()
    table.timestamp('changed_at').notNullable().defaultTo(knex.fn.now())
  })
  await knex.schema.createTable('totp_secrets', (table) => {
    table.text('user_id').primary().references('users.id').onDelete('cascade')
    table.binary('sealed').notNullable()
    // The last 30-second step whose code was accepted; it and all before it are spent.
    table.integer('last_step').notNullable()
    table.timestamp('created_at').notNullable().defaultTo(knex.fn.now())
  })
  await knex.schema.createTable('backup_codes', (table) => {
    table.text('user_id').primary().references('users.id').onDelete('cascade')
    // The unused ones. A code leaves the array with the statement that accepts it.
    table.specificType('macs', 'bytea[]').notNullable()
    table.timestamp('created_at').notNullable().defaultTo(knex.fn.now())
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['backup_codes', 'totp_secrets', 'passwords']) {
    await knex.schema.dropTable(table)
  }
}
