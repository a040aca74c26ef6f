import type { Knex } from 'knex'

/** How deliveries went, told by instance and vendor; the words of an instance, and who changed them. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('deliveries', (table) => {
    // ISO 3166, of a number that tells.
    table.text('country')
    // Sent by an admin to see whether it works; says nothing about how people fare.
    table.boolean('test').notNullable().defaultTo(false)
    // What the vendor took to answer, in milliseconds.
    table.integer('took_ms')
    // What the vendor said later became of it.
    table.text('receipt_state')
    table.text('receipt_code')
    table.timestamp('receipt_at')
  })
  // Who was asked before whoever had the last word.
  await knex.schema.createTable('delivery_attempts', (table) => {
    table.bigIncrements('id')
    table.text('delivery_id').notNullable().references('deliveries.id').onDelete('cascade').index()
    table.text('connector_id').notNullable()
    table.text('failure').notNullable()
    table.text('vendor_code')
    table.text('vendor_words')
    table.integer('took_ms').notNullable()
    table.timestamp('at').notNullable().defaultTo(knex.fn.now())
    table.index(['connector_id', 'at'])
  })
  await knex.schema.alterTable('connectors', (table) => {
    // Templates for some usages, where the config has none; for the rest our own words are used.
    table.jsonb('words')
    // Some process passes it over until then, since it keeps failing.
    table.timestamp('open_until')
  })
  await knex.schema.createTable('template_versions', (table) => {
    table.bigIncrements('id')
    table.text('connector_id').notNullable().references('connectors.id').onDelete('cascade')
    table.text('usage_type').notNullable()
    // Empty: for any language.
    table.text('locale').notNullable()
    // Null: it was removed, or there was none.
    table.jsonb('template')
    table.text('actor_kind')
    table.text('actor_id')
    table.timestamp('created_at').notNullable().defaultTo(knex.fn.now())
    table.index(['connector_id', 'usage_type', 'locale', 'id'])
  })
  for (const statement of indexes) await knex.raw(statement)
}

const indexes = [
  // Counted without a look at the rows themselves.
  `create index deliveries_health on deliveries (connector_id, finished_at)
     include (state, failure, took_ms, receipt_state) where not test`,
  `create index deliveries_failures on deliveries (connector_id, finished_at)
     where failure is not null and not test`,
  `create index deliveries_tests on deliveries (connector_id, finished_at) where test`,
  `create index deliveries_receipts on deliveries (connector_id, reference)
     where reference is not null`,
  `create index deliveries_interaction on deliveries (interaction_uid)
     where interaction_uid is not null`,
  'create index deliveries_newest on deliveries (created_at, id)',
  'create index deliveries_recipient on deliveries (recipient_hash, created_at)',
]

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('template_versions')
  await knex.schema.alterTable('connectors', (table) => {
    table.dropColumns('words', 'open_until')
  })
  await knex.schema.dropTable('delivery_attempts')
  for (const index of ['newest', 'recipient']) await knex.raw(`drop index deliveries_${index}`)
  await knex.raw('drop index deliveries_interaction')
  await knex.raw('drop index deliveries_receipts')
  await knex.schema.alterTable('deliveries', (table) => {
    table.dropColumns('country', 'test', 'took_ms', 'receipt_state', 'receipt_code', 'receipt_at')
  })
}
