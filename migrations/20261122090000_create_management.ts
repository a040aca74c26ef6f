import type { Knex } from 'knex'

/** Who may manage this server, and what their requests leave behind. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('admins', (table) => {
    table.text('user_id').primary().references('users.id').onDelete('cascade')
    table.text('role').notNullable()
    table.integer('version').notNullable().defaultTo(1)
    table.timestamp('created_at').notNullable().defaultTo(knex.fn.now())
  })
  // The way to the first owner: one at a time, printed once and kept as a hash.
  await knex.schema.createTable('owner_links', (table) => {
    table.binary('hash').primary()
    table.timestamp('expires_at').notNullable()
  })
  await knex.schema.createTable('console_sessions', (table) => {
    table.binary('id').primary()
    table.text('user_id').notNullable().references('users.id').onDelete('cascade')
    // For signing out at the provider, sealed.
    table.binary('id_token').notNullable()
    table.timestamp('authenticated_at').notNullable()
    table.timestamp('created_at').notNullable().defaultTo(knex.fn.now())
    table.timestamp('used_at').notNullable().defaultTo(knex.fn.now())
    table.index('user_id')
    table.index('created_at')
  })
  await knex.schema.createTable('idempotent_requests', (table) => {
    table.binary('key').primary()
    table.binary('request').notNullable()
    // Null until it is answered; the body is sealed, since it may hold a secret.
    table.smallint('status')
    table.binary('body')
    table.timestamp('created_at').notNullable().defaultTo(knex.fn.now()).index()
  })
  // Who did it, where that is somebody else than the person whom it is about.
  await knex.schema.alterTable('audit_events', (table) => {
    table.text('actor_kind')
    table.text('actor_id')
    table.text('target')
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('audit_events', (table) => {
    table.dropColumns('actor_kind', 'actor_id', 'target')
  })
  for (const table of ['idempotent_requests', 'console_sessions', 'owner_links', 'admins']) {
    await knex.schema.dropTable(table)
  }
}
