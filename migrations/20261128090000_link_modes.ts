import type { Knex } from 'knex'

/** What may be done with a link in a browser that did not ask for it. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('challenges', (table) => {
    table.smallint('number_tries').notNullable().defaultTo(0)
    table.timestamp('approved_at')
    table.timestamp('denied_at')
    table.timestamp('carried_at')
    // Keyed hash of the browser's cookie; null as soon as the proof has been taken up there.
    table.binary('carried_to')
  })
  await knex.raw(
    'create index challenges_carried on challenges (carried_to) where carried_to is not null',
  )
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('challenges', (table) => {
    table.dropColumns('number_tries', 'approved_at', 'denied_at', 'carried_at', 'carried_to')
  })
}
