import type { Knex } from 'knex'

/**
 * The audit log becomes what webhooks and statistics are made from. Whoever follows it takes events in
 * the order of their transactions, and only of those that nothing older is still open beside: so
 * none is missed that commits late. Existing rows all get the transaction of this migration, which
 * rewrites nothing.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(
    `alter table audit_events
       add column xid xid8 not null default pg_current_xact_id(),
       add column channel text, add column connector text, add column country text`,
  )
  await knex.raw('create index audit_events_order on audit_events (xid, id)')
  // What the viewer looks for; everything else is found among these.
  await knex.raw('create index audit_events_at on audit_events (at, id)')
  await knex.raw('create index audit_events_event on audit_events (event text_pattern_ops, at, id)')
  await knex.raw('create index audit_events_client on audit_events (client_id, at, id)')
  for (const column of ['reference', 'actor_id', 'address']) {
    await knex.raw(
      `create index audit_events_${column} on audit_events (${column}, at, id)
        where ${column} is not null`,
    )
  }
  await knex.raw(
    `create function audit_is_append_only() returns trigger language plpgsql as $$
     begin
       if coalesce(current_setting('avouch.retention', true), '') <> 'on' then
         raise exception 'audit_events is append-only' using errcode = 'insufficient_privilege';
       end if;
       return null;
     end $$`,
  )
  await knex.raw(
    `create trigger audit_events_append_only before update or delete on audit_events
       for each statement execute function audit_is_append_only()`,
  )
  await knex.schema.createTable('event_cursors', (table) => {
    table.text('name').primary()
    // Everything up to here is done.
    table.specificType('xid', 'xid8').notNullable()
    table.bigInteger('id').notNullable()
    // The highest one that is done. Where the log was restored on another server, whose transactions
    // count anew, everything up to `restored_id` was done before.
    table.bigInteger('told_id').notNullable().defaultTo(0)
    table.bigInteger('restored_id').notNullable().defaultTo(0)
    // Of the last event.
    table.timestamp('at')
  })
  await knex.schema.alterTable('sign_ins', (table) => table.text('client_id'))
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('sign_ins', (table) => table.dropColumn('client_id'))
  await knex.schema.dropTable('event_cursors')
  await knex.raw('drop trigger audit_events_append_only on audit_events')
  await knex.raw('drop function audit_is_append_only')
  for (const index of ['order', 'at', 'event', 'client', 'reference', 'actor_id', 'address']) {
    await knex.raw(`drop index audit_events_${index}`)
  }
  await knex.schema.alterTable('audit_events', (table) => {
    table.dropColumns('xid', 'channel', 'connector', 'country')
  })
}
