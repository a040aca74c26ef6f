import type { Knex } from 'knex'

/** Who delivers, what was delivered, and what the evaluation inbox keeps instead. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('connectors', (table) => {
    table.text('id').primary()
    table.text('connector').notNullable()
    table.integer('priority').notNullable()
    table.specificType('countries', 'text[]')
    // Holds the vendor's credentials, so it is encrypted as a whole.
    table.binary('config').notNullable()
    table.boolean('managed_by_file').notNullable().defaultTo(false)
    table.boolean('enabled').notNullable().defaultTo(true)
    // Tells processes that have it open that it has changed.
    table.integer('revision').notNullable().defaultTo(1)
    table.timestamp('created_at').notNullable().defaultTo(knex.fn.now())
    table.timestamp('updated_at').notNullable().defaultTo(knex.fn.now())
  })
  await knex.schema.createTable('deliveries', (table) => {
    table.text('id').primary()
    table.text('channel').notNullable()
    table.binary('recipient_hash').notNullable()
    table.text('recipient_masked').notNullable()
    // Recipient, code and link, encrypted; null as soon as the state is final.
    table.binary('body')
    table.text('usage_type').notNullable()
    table.text('state').notNullable().defaultTo('queued')
    table.text('connector_id')
    table.text('reference')
    table.text('failure')
    table.text('vendor_code')
    table.text('vendor_words')
    table.smallint('attempts').notNullable().defaultTo(0)
    table.text('interaction_uid')
    table.text('client_id')
    table.timestamp('created_at').notNullable().defaultTo(knex.fn.now())
    table.timestamp('expires_at').notNullable()
    table.timestamp('claimed_at')
    table.timestamp('finished_at').index()
  })
  // Only what is under way is ever looked for; that is a handful of many.
  await knex.raw(
    `create index deliveries_open on deliveries (created_at)
      where state in ('queued', 'sending')`,
  )
  await knex.schema.createTable('inbox_messages', (table) => {
    table.bigIncrements('position')
    table.text('id').notNullable().unique()
    table.text('channel').notNullable()
    table.text('recipient').notNullable().index()
    table.jsonb('message').notNullable()
    table.timestamp('created_at').notNullable().defaultTo(knex.fn.now())
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['inbox_messages', 'deliveries', 'connectors']) {
    await knex.schema.dropTable(table)
  }
}
