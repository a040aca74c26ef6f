import type { Knex } from 'knex'

/** What admins say of people, how they find them, and whom they have invited. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('users', (table) => {
    // As it was given: nothing here searches in it, and `jsonb` would write numbers out in full.
    table.specificType('custom_data', 'json').notNullable().defaultTo('{}')
    table.specificType('roles', 'text[]').notNullable().defaultTo('{}')
    table.integer('version').notNullable().defaultTo(1)
  })
  // Lists and searches go along these, whatever the language of the database sorts like.
  await knex.raw('create index users_created on users (created_at, id)')
  await knex.raw(
    'create index users_blocked on users (created_at, id) where blocked_at is not null',
  )
  await knex.raw('create index users_name on users (lower(name) collate "C", id)')
  await knex.raw('create index identifiers_prefix on identifiers (value collate "C", user_id)')
  // Sign-ins of somebody who is blocked or goes end with that.
  await knex.raw('create index sign_ins_user on sign_ins (user_id) where user_id is not null')

  await knex.schema.createTable('invitations', (table) => {
    table.text('id').primary()
    table.text('identifier_type').notNullable()
    table.text('identifier_value').notNullable()
    table.text('identifier_display').notNullable()
    // Where the person is to begin, once there is an account.
    table.text('client_id')
    table.text('locale')
    table.timestamp('created_at').notNullable().defaultTo(knex.fn.now())
    table.timestamp('expires_at').notNullable()
    table.timestamp('accepted_at')
    table.text('user_id').references('users.id').onDelete('cascade')
    table.index('user_id')
  })
  await knex.raw('create index invitations_created on invitations (created_at, id)')
  await knex.raw(
    `create unique index invitations_open on invitations (identifier_type, identifier_value)
      where accepted_at is null`,
  )
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('invitations')
  for (const index of ['sign_ins_user', 'identifiers_prefix', 'users_name', 'users_blocked']) {
    await knex.raw(`drop index ${index}`)
  }
  await knex.raw('drop index users_created')
  await knex.schema.alterTable('users', (table) => {
    table.dropColumns('custom_data', 'roles', 'version')
  })
}
