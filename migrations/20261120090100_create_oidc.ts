import type { Knex } from 'knex'

/**
 * What oidc-provider keeps. Bearer values are stored as hashes and never leave their row again;
 * payloads that hold authorize parameters are sealed. Old rows are safe to delete.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('oidc_grants', (table) => {
    table.text('id').primary()
    table.text('account_id').notNullable().index()
    table.text('client_id').notNullable()
    table.text('payload').notNullable()
    table.timestamp('expires_at').notNullable().index()
  })
  await knex.schema.createTable('oidc_tokens', (table) => {
    table.binary('id').primary()
    table.text('kind').notNullable()
    table.text('grant_id')
    table.text('account_id')
    table.text('client_id')
    table.text('session_uid')
    table.text('payload').notNullable()
    table.timestamp('expires_at').notNullable().index()
    table.timestamp('consumed_at')
  })
  await knex.raw(
    'create index oidc_tokens_grant on oidc_tokens (grant_id) where grant_id is not null',
  )
  await knex.raw(
    'create index oidc_tokens_account on oidc_tokens (account_id) where account_id is not null',
  )
  await knex.schema.createTable('oidc_sessions', (table) => {
    table.text('uid').primary()
    table.binary('id').notNullable().unique()
    table.text('account_id').index()
    table.text('payload').notNullable()
    // Merged entry by entry, since two requests for two clients may write at once.
    table.jsonb('authorizations').notNullable()
    // What was proven in this session, when: acr and amr are made from it.
    table.text('factors')
    table.timestamp('expires_at').notNullable().index()
  })
  await knex.schema.createTable('oidc_interactions', (table) => {
    table.text('uid').primary()
    table.binary('payload').notNullable()
    table.timestamp('expires_at').notNullable().index()
    // The row outlives the interaction, so that an expired page can start it again.
    table.timestamp('ended_at')
  })
  await knex.schema.createTable('oidc_device_codes', (table) => {
    table.binary('id').primary()
    table.binary('user_code').notNullable().unique()
    table.text('grant_id').index()
    table.text('account_id').index()
    table.binary('payload').notNullable()
    table.timestamp('expires_at').notNullable().index()
    table.timestamp('consumed_at')
  })
  await knex.schema.createTable('oidc_pushed_requests', (table) => {
    table.binary('id').primary()
    table.binary('payload').notNullable()
    table.timestamp('expires_at').notNullable().index()
    table.timestamp('consumed_at')
  })
  // DPoP proofs and client assertions that have been used (RFC 9449 §11.1, RFC 7523 §3).
  await knex.schema.createTable('oidc_replays', (table) => {
    table.binary('id').primary()
    table.timestamp('expires_at').notNullable().index()
  })
  await knex.schema.createTable('signing_keys', (table) => {
    table.text('kid').primary()
    table.text('alg').notNullable()
    table.binary('private_jwk').notNullable()
    table.timestamp('created_at').notNullable().defaultTo(knex.fn.now())
    table.timestamp('retired_at')
  })
  // What a person has allowed an application to have.
  await knex.schema.createTable('consents', (table) => {
    table.text('user_id').notNullable().references('users.id').onDelete('cascade')
    table.text('client_id').notNullable()
    table.specificType('scopes', 'text[]').notNullable()
    table.timestamp('updated_at').notNullable().defaultTo(knex.fn.now())
    table.primary(['user_id', 'client_id'])
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of [
    'consents',
    'signing_keys',
    'oidc_replays',
    'oidc_pushed_requests',
    'oidc_device_codes',
    'oidc_interactions',
    'oidc_sessions',
    'oidc_tokens',
    'oidc_grants',
  ]) {
    await knex.schema.dropTable(table)
  }
}
