import assert from 'node:assert/strict'
import type { Db } from '#src/db/index.ts'
import { type TestDatabase, testOnBoth } from '../support/database.ts'

const makeNotes = ({ knex }: TestDatabase) =>
  knex.raw('create table if not exists notes (words text unique)')

const note = (db: Db, words: string) =>
  db.query('test.notes.add', 'insert into notes (words) values ($1)', [words])

const notes = async (db: Db) => {
  const rows = await db.query<{ words: string }>(
    'test.notes.all',
    'select words from notes order by words',
  )
  return rows.map(({ words }) => words)
}

testOnBoth('what a transaction wrote is there once it is done', async (_t, db) => {
  await makeNotes(db)
  const result = await db.transaction(async (trx) => {
    await note(trx, 'a')
    await note(trx, 'b')
    return 'done'
  })
  assert.equal(result, 'done')
  assert.deepEqual(await notes(db), ['a', 'b'])
})

testOnBoth('a transaction that fails leaves nothing behind, and says why', async (_t, db) => {
  await makeNotes(db)
  const reason = new Error('thought better of it')
  const failing = db.transaction(async (trx) => {
    await note(trx, 'a')
    throw reason
  })
  await assert.rejects(failing, reason)
  assert.deepEqual(await notes(db), [])
})

testOnBoth('a statement that fails in a transaction undoes all of it', async (_t, db) => {
  await makeNotes(db)
  await note(db, 'a')
  const failing = db.transaction(async (trx) => {
    await note(trx, 'b')
    await note(trx, 'a')
  })
  await assert.rejects(failing, { code: '23505' })
  assert.deepEqual(await notes(db), ['a'])
})

testOnBoth(
  'of statements that are asked together one fails, and none has happened',
  async (_t, db) => {
    await makeNotes(db)
    await note(db, 'a')
    const failing = db.transaction((trx) =>
      Promise.all(['b', 'a', 'c'].map((words) => note(trx, words))),
    )
    await assert.rejects(failing, { code: '23505' })
    assert.deepEqual(await notes(db), ['a'])
    await db.transaction((trx) => Promise.all(['b', 'c'].map((words) => note(trx, words))))
    assert.deepEqual(await notes(db), ['a', 'b', 'c'])
  },
)

testOnBoth('a transaction within a transaction is part of it', async (_t, db) => {
  await makeNotes(db)
  const failing = db.transaction(async (trx) => {
    await trx.transaction((inner) => note(inner, 'a'))
    assert.deepEqual(await notes(trx), ['a'])
    throw new Error('after all')
  })
  await assert.rejects(failing, /after all/)
  assert.deepEqual(await notes(db), [])
})

testOnBoth('nobody sees what a transaction has not finished', async (_t, db) => {
  await makeNotes(db)
  const written = Promise.withResolvers<void>()
  const finish = Promise.withResolvers<void>()
  const writing = db.transaction(async (trx) => {
    await note(trx, 'a')
    written.resolve()
    await finish.promise
  })
  await written.promise
  // On the embedded database this waits for the transaction; on PostgreSQL it sees none of it.
  const reading = notes(db)
  if (db.kind === 'postgres') assert.deepEqual(await reading, [])
  finish.resolve()
  await writing
  assert.deepEqual(await reading, db.kind === 'postgres' ? [] : ['a'])
  assert.deepEqual(await notes(db), ['a'])
})

testOnBoth('of a hundred that spend the same row at once, one wins', async (_t, db) => {
  await makeNotes(db)
  await note(db, 'only one')
  const spent = await Promise.all(
    Array.from({ length: 100 }, () =>
      db.query('test.notes.spend', 'delete from notes where words = $1 returning words', [
        'only one',
      ]),
    ),
  )
  assert.equal(spent.filter(({ length }) => length === 1).length, 1)
})
