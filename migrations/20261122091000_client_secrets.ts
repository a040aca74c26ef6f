import type { Knex } from 'knex'

/**
 * Several secrets of a client, each with its own end, so that one can be replaced while the other
 * still works; and what listing, changing and deleting clients needs.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('clients', (table) => {
    // A list of {id, hash, label, created_at, expires_at}; in the row, since each look-up needs it.
    table.jsonb('secrets').notNullable().defaultTo('[]')
    table.integer('version').notNullable().defaultTo(1)
    table.index(['created_at', 'client_id'])
  })
  // Until now every secret was declared, which has neither a date nor an end.
  await knex.raw(
    `update clients set secrets = (
       select coalesce(jsonb_agg(jsonb_build_object(
                'id', case when n = 1 then 'declared' else 'declared-' || n end,
                'hash', hash, 'label', null, 'created_at', null, 'expires_at', null) order by n), '[]')
         from unnest(secret_hashes) with ordinality as each (hash, n))`,
  )
  await knex.schema.alterTable('clients', (table) => table.dropColumn('secret_hashes'))
  // Whatever was given to a client goes with it; without these, every row would be looked at.
  await knex.schema.alterTable('oidc_grants', (table) => table.index('client_id'))
  await knex.schema.alterTable('consents', (table) => table.index('client_id'))
  await knex.raw(
    'create index oidc_tokens_client on oidc_tokens (client_id) where grant_id is null',
  )
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop index oidc_tokens_client')
  await knex.schema.alterTable('consents', (table) => table.dropIndex('client_id'))
  await knex.schema.alterTable('oidc_grants', (table) => table.dropIndex('client_id'))
  await knex.schema.alterTable('clients', (table) => {
    table.specificType('secret_hashes', 'text[]').notNullable().defaultTo('{}')
  })
  await knex.raw(
    `update clients set secret_hashes = array(
       select each ->> 'hash' from jsonb_array_elements(secrets) each)`,
  )
  await knex.schema.alterTable('clients', (table) => {
    table.dropIndex(['created_at', 'client_id'])
    table.dropColumns('secrets', 'version')
  })
}
