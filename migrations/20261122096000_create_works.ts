import type { Knex } from 'knex'

/**
 * Work that takes longer than a request, such as an import: what it is, how far it came, and the file
 * that it is about. Processes may share no disk, so the file is here, sealed, until the work ends.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('works', (table) => {
    table.text('id').primary()
    table.text('kind').notNullable()
    // uploading, waiting, running; done, failed, cancelled
    table.text('state').notNullable()
    table.json('options').notNullable()
    table.bigInteger('bytes').notNullable().defaultTo(0)
    // How many things there are; null until somebody has counted them.
    table.integer('total')
    // Those that were looked at: whoever goes on begins behind them.
    table.integer('done').notNullable().defaultTo(0)
    table.integer('added').notNullable().defaultTo(0)
    table.integer('existing').notNullable().defaultTo(0)
    table.integer('refused').notNullable().defaultTo(0)
    table.text('created_by_kind').notNullable()
    table.text('created_by').notNullable()
    table.timestamp('created_at').notNullable().defaultTo(knex.fn.now())
    table.timestamp('started_at')
    table.timestamp('finished_at')
    // Who has it, and how long it is theirs without a sign of life.
    table.text('lease')
    table.timestamp('lease_until')
    // Begun so often without having come further since.
    table.integer('attempts').notNullable().defaultTo(0)
    table.text('error')
  })
  await knex.raw('create index works_created on works (created_at, id)')
  await knex.raw(
    `create index works_open on works (created_at) where state in ('uploading', 'waiting', 'running')`,
  )
  await knex.schema.createTable('work_files', (table) => {
    table.text('work_id').notNullable().references('works.id').onDelete('cascade')
    table.integer('number').notNullable()
    table.binary('sealed').notNullable()
    table.primary(['work_id', 'number'])
  })
  await knex.schema.createTable('work_refusals', (table) => {
    table.text('work_id').notNullable().references('works.id').onDelete('cascade')
    table.integer('number').notNullable()
    table.integer('line').notNullable()
    table.text('subject')
    table.text('reason').notNullable()
    table.primary(['work_id', 'number'])
  })
  // What a trial run has met already, since it leaves nothing else behind.
  await knex.schema.createTable('work_seen', (table) => {
    table.text('work_id').notNullable().references('works.id').onDelete('cascade')
    table.binary('mark').notNullable()
    table.primary(['work_id', 'mark'])
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['work_seen', 'work_refusals', 'work_files', 'works']) {
    await knex.schema.dropTable(table)
  }
}
