import type { Knex } from 'knex'

/** What the log adds up to, kept as events come, so that no report ever reads the log. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('statistics', (table) => {
    table.text('metric').notNullable()
    // `day`, and `hour` for the last two weeks; both begin by UTC.
    table.text('grain').notNullable()
    table.timestamp('at').notNullable()
    // What a metric is not counted by is the empty text.
    const dimensions = ['client_id', 'channel', 'method', 'connector', 'country', 'reason']
    for (const name of dimensions) table.text(name).notNullable()
    table.bigInteger('count').notNullable()
    table.primary(['metric', 'grain', 'at', ...dimensions])
  })
  // How far each sign-in of the last days came, so that each stage is counted once.
  await knex.schema.createTable('funnels', (table) => {
    table.text('interaction_uid').notNullable()
    table.text('channel').notNullable()
    table.text('client_id').notNullable()
    table.timestamp('at').notNullable().index()
    table.integer('stages').notNullable()
    table.primary(['interaction_uid', 'channel'])
  })
  // Who was here on which of the last days, so that each person is counted once.
  await knex.schema.createTable('active_days', (table) => {
    table.text('user_id').notNullable()
    table.date('day').notNullable().index()
    table.primary(['user_id', 'day'])
  })
  // People who were here on that day, and within the 7 and the 30 days that end with it.
  await knex.schema.createTable('active_users', (table) => {
    table.date('day').primary()
    table.bigInteger('daily').notNullable()
    table.bigInteger('weekly').notNullable()
    table.bigInteger('monthly').notNullable()
  })
  // Whoever adds or removes people leaves the number here; it is added up soon after.
  await knex.schema.createTable('user_changes', (table) => {
    table.timestamp('at').notNullable().defaultTo(knex.fn.now())
    table.bigInteger('created').notNullable()
    table.bigInteger('deleted').notNullable()
  })
  await knex.raw(
    `insert into user_changes (at, created, deleted)
     select date_trunc('day', created_at at time zone 'UTC') at time zone 'UTC', count(*), 0
       from users group by 1`,
  )
  for (const [name, change, counts] of [
    ['created', 'insert', 'count(*), 0'],
    ['deleted', 'delete', '0, count(*)'],
  ]) {
    await knex.raw(
      `create function count_users_${name}() returns trigger language plpgsql as $$
       begin
         insert into user_changes (created, deleted)
           select ${counts} from changed having count(*) > 0;
         return null;
       end $$`,
    )
    await knex.raw(
      `create trigger users_${name} after ${change} on users
         referencing ${change === 'insert' ? 'new' : 'old'} table as changed
         for each statement execute function count_users_${name}()`,
    )
  }
}

export async function down(knex: Knex): Promise<void> {
  for (const name of ['created', 'deleted']) {
    await knex.raw(`drop trigger users_${name} on users`)
    await knex.raw(`drop function count_users_${name}`)
  }
  for (const table of ['user_changes', 'active_users', 'active_days', 'funnels', 'statistics']) {
    await knex.schema.dropTable(table)
  }
}
