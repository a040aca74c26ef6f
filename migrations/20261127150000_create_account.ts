import type { Knex } from 'knex'

/** What people do with their own accounts. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('users', (table) => {
    // The account goes then, unless its person comes back before.
    table.timestamp('delete_at')
  })
  await knex.raw('create index users_leaving on users (delete_at) where delete_at is not null')
  await knex.schema.alterTable('identifiers', (table) => {
    // The one that was preferred last goes before all others.
    table.timestamp('preferred_at')
  })
  // What somebody is in the middle of on the pages of their account: an authenticator's secret
  // before it is confirmed, codes until they are saved, an address until it is proven.
  await knex.schema.createTable('account_drafts', (table) => {
    table.text('session_uid').notNullable()
    table.text('kind').notNullable()
    table.binary('sealed').notNullable()
    table.timestamp('expires_at').notNullable().index()
    table.primary(['session_uid', 'kind'])
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('account_drafts')
  await knex.schema.alterTable('identifiers', (table) => {
    table.dropColumn('preferred_at')
  })
  await knex.raw('drop index users_leaving')
  await knex.schema.alterTable('users', (table) => {
    table.dropColumn('delete_at')
  })
}
