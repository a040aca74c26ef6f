import type { Knex } from 'knex'

/** One sign-in while it lasts: what is known, what was proven, and the secrets that are out. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('sign_ins', (table) => {
    table.text('uid').primary()
    table.binary('browser').notNullable()
    table.text('intent').notNullable()
    table.text('identifier_type')
    table.text('identifier_value')
    table.text('identifier_display')
    // The method whose page is shown.
    table.text('method')
    table.text('user_id')
    // Nothing may be sent to this identifier, and nobody may notice.
    table.boolean('known').notNullable().defaultTo(true)
    table.boolean('decoy').notNullable().defaultTo(false)
    table.text('locale')
    // Things of this sign-in that nobody else may read: a TOTP secret before it is confirmed,
    // backup codes until they are saved.
    table.binary('pending')
    table.text('delivery_id')
    // When another message may be asked for.
    table.timestamp('resend_at')
    table.text('agent')
    table.specificType('done', 'text[]').notNullable().defaultTo('{}')
    table.timestamp('created_at').notNullable().defaultTo(knex.fn.now())
    table.timestamp('expires_at').notNullable().index()
  })
  await knex.schema.createTable('verifications', (table) => {
    table.text('interaction_uid').notNullable()
    table.text('method').notNullable()
    table.text('kind')
    table.text('channel')
    table.text('identifier_type')
    table.text('identifier_value')
    table.text('identifier_display')
    table.text('user_id')
    table.specificType('amr', 'text[]').notNullable()
    table.timestamp('at').notNullable().defaultTo(knex.fn.now())
    table.primary(['interaction_uid', 'method'])
    table.index('at')
  })
  // One-time secrets that have been sent to someone, as keyed hashes.
  await knex.schema.createTable('challenges', (table) => {
    table.text('id').primary()
    table.text('interaction_uid').notNullable()
    table.text('channel').notNullable()
    table.text('identifier_type').notNullable()
    table.text('identifier_value').notNullable()
    table.binary('code').notNullable()
    table.binary('link').unique()
    table.smallint('tries').notNullable().defaultTo(0)
    table.smallint('max_tries').notNullable()
    table.timestamp('expires_at').notNullable().index()
    table.timestamp('consumed_at')
    table.timestamp('replaced_at')
    table.timestamp('created_at').notNullable().defaultTo(knex.fn.now())
  })
  // The newest code of a channel is the only one that works.
  await knex.raw(
    `create unique index challenges_open on challenges (interaction_uid, channel)
      where replaced_at is null`,
  )
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['challenges', 'verifications', 'sign_ins']) {
    await knex.schema.dropTable(table)
  }
}
