import type { Knex } from 'knex'

/**
 * What a session says of itself to its person; and which clients are still to be told that one has
 * ended. Both the limit and the outbox are kept by the database itself, so that no way of ending or
 * beginning a session can forget them.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('oidc_sessions', (table) => {
    // As the browser said at the sign-in; for recognition, not for trust.
    table.text('agent')
    table.text('address')
    // Null: begun under an earlier release.
    table.timestamp('started_at')
    table.timestamp('last_seen_at')
  })
  // Set afterwards, so that rows of earlier releases do not claim to be new.
  await knex.raw('alter table oidc_sessions alter column started_at set default now()')
  await knex.raw('alter table oidc_sessions alter column last_seen_at set default now()')

  await knex.schema.createTable('logout_deliveries', (table) => {
    table.text('id').primary().defaultTo(knex.raw('gen_random_uuid()::text'))
    // No reference: a session that ends must not wait for somebody who changes a client.
    table.text('client_id').notNullable()
    table.text('account_id').notNullable()
    table.text('sid').notNullable()
    table.text('state').notNullable().defaultTo('pending')
    table.smallint('attempts').notNullable().defaultTo(0)
    table.timestamp('next_at').notNullable().defaultTo(knex.fn.now())
    table.integer('status')
    table.text('error')
    table.timestamp('attempted_at')
    table.timestamp('created_at').notNullable().defaultTo(knex.fn.now())
    table.index(['created_at', 'id'])
    table.index(['client_id', 'created_at', 'id'])
  })
  await knex.raw(
    `create index logout_deliveries_due on logout_deliveries (client_id, next_at)
      where state = 'pending'`,
  )
  await knex.raw(
    `create index logout_deliveries_next on logout_deliveries (next_at) where state = 'pending'`,
  )

  await knex.raw(
    `create function note_logouts() returns trigger language plpgsql as $$
     declare remaining jsonb := '{}';
     begin
       if tg_op = 'UPDATE' and new.account_id = old.account_id then
         remaining := new.authorizations;
       end if;
       insert into logout_deliveries (client_id, account_id, sid)
         select c.client_id, old.account_id, known.value ->> 'sid'
           from jsonb_each(old.authorizations) known
          cross join lateral (select client_id, metadata from clients
                               where client_id = known.key offset 0) c
          where known.value ->> 'sid' is not null
            and remaining -> known.key ->> 'sid' is distinct from known.value ->> 'sid'
            and c.metadata::jsonb ->> 'backchannel_logout_uri' is not null;
       return null;
     end $$`,
  )
  // One whose time was over has not been ended by anybody.
  const live = `old.account_id is not null and old.expires_at > now()
                and old.authorizations <> '{}'::jsonb`
  await knex.raw(
    `create trigger session_ended after delete on oidc_sessions
       for each row when (${live}) execute function note_logouts()`,
  )
  await knex.raw(
    `create trigger session_left after update on oidc_sessions
       for each row when (${live} and (old.authorizations <> new.authorizations
                                       or old.account_id is distinct from new.account_id))
       execute function note_logouts()`,
  )

  // As by signing out, what was given for `offline_access` outlives the session (OpenID Connect
  // Back-Channel Logout 1.0, section 2.7). The lock makes those who begin sessions of one person at the same moment see each other's.
  await knex.raw(
    `create function limit_sessions() returns trigger language plpgsql as $$
     begin
       perform pg_advisory_xact_lock(hashtextextended('sessions of ' || new.account_id, 0));
       with ended as (
         delete from oidc_sessions where uid in (
           select uid from oidc_sessions
            where account_id = new.account_id and uid <> new.uid and expires_at > now()
            order by started_at desc nulls last, uid offset 19)
         returning uid, account_id, authorizations
       ), own as (
         select value ->> 'grantId' as id from ended, jsonb_each(ended.authorizations)
          where value -> 'persistsLogout' is distinct from 'true'::jsonb
       ), tokens as (
         delete from oidc_tokens where grant_id in (select id from own)
       ), grants as (
         delete from oidc_grants where id in (select id from own)
       )
       insert into audit_events (event, user_id, target, result)
         select 'session.ended', account_id, uid, 'too_many_sessions' from ended;
       return null;
     end $$`,
  )
  await knex.raw(
    `create trigger session_begun after insert on oidc_sessions
       for each row when (new.account_id is not null) execute function limit_sessions()`,
  )
  await knex.raw(
    `create trigger session_taken after update on oidc_sessions
       for each row when (new.account_id is not null
                          and new.account_id is distinct from old.account_id)
       execute function limit_sessions()`,
  )
}

export async function down(knex: Knex): Promise<void> {
  for (const name of ['session_ended', 'session_left', 'session_begun', 'session_taken']) {
    await knex.raw(`drop trigger ${name} on oidc_sessions`)
  }
  for (const name of ['note_logouts', 'limit_sessions']) await knex.raw(`drop function ${name}`)
  await knex.schema.dropTable('logout_deliveries')
  await knex.schema.alterTable('oidc_sessions', (table) => {
    for (const name of ['agent', 'address', 'started_at', 'last_seen_at']) table.dropColumn(name)
  })
}
