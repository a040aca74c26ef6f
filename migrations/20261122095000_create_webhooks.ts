import type { Knex } from 'knex'

/** Who is told of events, and what they are still to be told. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('webhooks', (table) => {
    table.text('id').primary()
    table.text('url').notNullable()
    table.text('description')
    // `sign_in.*`, `user.created`, `*`.
    table.specificType('events', 'text[]').notNullable()
    // Sealed. While it is replaced, both sign.
    table.binary('secret').notNullable()
    table.binary('previous_secret')
    table.timestamp('previous_until')
    table.boolean('enabled').notNullable().defaultTo(true)
    // Why the server has disabled it by itself.
    table.text('disabled_reason')
    table.integer('version').notNullable().defaultTo(1)
    table.timestamp('created_at').notNullable().defaultTo(knex.fn.now())
    table.timestamp('updated_at').notNullable().defaultTo(knex.fn.now())
    table.index(['created_at', 'id'])
  })
  await knex.schema.createTable('webhook_deliveries', (table) => {
    table.text('id').primary()
    table.text('webhook_id').notNullable().references('webhooks.id').onDelete('cascade')
    table.bigInteger('event_id').notNullable()
    table.text('event').notNullable()
    // As it is sent: the event itself may be gone by then.
    table.text('body').notNullable()
    table.text('state').notNullable().defaultTo('pending')
    table.smallint('attempts').notNullable().defaultTo(0)
    table.timestamp('next_at').notNullable().defaultTo(knex.fn.now())
    table.integer('status')
    table.text('error')
    table.integer('took_ms')
    table.timestamp('attempted_at')
    table.timestamp('created_at').notNullable().defaultTo(knex.fn.now())
    table.unique(['webhook_id', 'event_id'])
    table.index(['created_at', 'id'])
    table.index(['webhook_id', 'created_at', 'id'])
  })
  await knex.raw(
    `create index webhook_deliveries_due on webhook_deliveries (webhook_id, next_at)
      where state = 'pending'`,
  )
  await knex.raw(
    `create index webhook_deliveries_dead on webhook_deliveries (created_at, id)
      where state = 'dead'`,
  )
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('webhook_deliveries')
  await knex.schema.dropTable('webhooks')
}
