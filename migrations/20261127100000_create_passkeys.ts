import type { Knex } from 'knex'

/** Passkeys (WebAuthn): public keys, which open nothing, and what is out while one is asked for. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('passkeys', (table) => {
    // The credential id as base64url: one person's alone.
    table.text('id').primary()
    table.text('user_id').notNullable().references('users.id').onDelete('cascade').index()
    table.binary('public_key').notNullable()
    // The authenticator's signature counter; many always say 0.
    table.bigInteger('counter').notNullable()
    table.specificType('transports', 'text[]').notNullable()
    table.text('aaguid').notNullable()
    table.text('name').notNullable()
    table.boolean('backup_eligible').notNullable()
    table.boolean('backed_up').notNullable()
    table.timestamp('created_at').notNullable().defaultTo(knex.fn.now())
    table.timestamp('last_used_at')
  })
  // What authenticators know a person by: random, since anybody who holds the device can read it.
  await knex.schema.createTable('passkey_handles', (table) => {
    table.text('user_id').primary().references('users.id').onDelete('cascade')
    table.binary('handle').notNullable().unique()
  })
  // A challenge is no secret. It leaves the table with the statement that spends it.
  await knex.schema.createTable('passkey_challenges', (table) => {
    table.binary('challenge').primary()
    // Where it may be answered: one sign-in, or one session's account pages.
    table.text('subject').notNullable().index()
    table.text('purpose').notNullable()
    table.text('demand').notNullable()
    table.text('user_id')
    table.timestamp('expires_at').notNullable().index()
  })
  // Who does not want to be offered a passkey in a browser, and until when; never again without.
  await knex.schema.createTable('passkey_refusals', (table) => {
    table.text('user_id').notNullable().references('users.id').onDelete('cascade')
    table.binary('browser').notNullable()
    table.timestamp('until')
    table.primary(['user_id', 'browser'])
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['passkey_refusals', 'passkey_challenges', 'passkey_handles', 'passkeys']) {
    await knex.schema.dropTable(table)
  }
}
