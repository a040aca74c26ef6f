import type { Knex } from 'knex'

/**
 * Whoever loses an address is told there as well, whichever way it was taken away: so what was proven
 * is kept for a day behind its removal, for the notice alone.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('former_identifiers', (table) => {
    table.text('user_id').notNullable()
    table.text('type').notNullable()
    table.text('value').notNullable()
    table.timestamp('removed_at').notNullable().defaultTo(knex.fn.now()).index()
    table.index('user_id')
  })
  await knex.raw(
    `create function keep_former_identifier() returns trigger language plpgsql as $$
     begin
       insert into former_identifiers (user_id, type, value) values (old.user_id, old.type, old.value);
       return null;
     end $$`,
  )
  await knex.raw(
    `create trigger identifiers_removed after delete on identifiers for each row
       when (old.verified_at is not null and old.type <> 'username')
       execute function keep_former_identifier()`,
  )
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop trigger identifiers_removed on identifiers')
  await knex.raw('drop function keep_former_identifier')
  await knex.schema.dropTable('former_identifiers')
}
