import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { asOneRequest, type Database, openDatabase } from '#src/db/index.ts'
import { withDatabase } from '../support/database.ts'
import { startPostgres } from '../support/postgres.ts'
import { tcpFront } from '../support/tcp-front.ts'

const one = (db: Database) => db.query('test.one', 'select 1 as one')

/** @throws AssertionError unless `work` fails as bad weather within two seconds */
async function failsInTime(work: Promise<unknown>): Promise<void> {
  const begun = performance.now()
  await assert.rejects(work, { code: 'unavailable', status: 503 })
  const took = performance.now() - begun
  assert.ok(took < 2000, `It took ${Math.round(took)} ms to fail`)
}

const open = async (t: TestContext, url: string, poolSize?: number) => {
  const warnings: string[] = []
  const log = { warn: (words: string) => void warnings.push(words) }
  const db = await openDatabase({ url, folder: '', log, ...(poolSize ? { poolSize } : {}) })
  t.after(db.close)
  return db
}

test('a request that finds every connection in use hears so within two seconds', async (t) => {
  const { url } = await withDatabase(t)
  const db = await open(t, url!, 1)
  const release = Promise.withResolvers<void>()
  const taken = Promise.withResolvers<void>()
  const holding = db.transaction(async () => {
    taken.resolve()
    await release.promise
  })
  await taken.promise
  await failsInTime(one(db))
  release.resolve()
  await holding
  assert.deepEqual(await one(db), [{ one: 1 }])
})

test('a statement that takes too long is given up', async (t) => {
  const { url } = await withDatabase(t)
  const db = await open(t, url!, 1)
  await failsInTime(db.query('test.sleep', 'select pg_sleep(4)'))
  assert.deepEqual(await one(db), [{ one: 1 }])
})

test('while PostgreSQL is stopped requests fail at once, and afterwards they succeed', async (t) => {
  const server = await startPostgres()
  t.after(server.close)
  const db = await open(t, server.url)
  await Promise.all([one(db), one(db), one(db)])

  const interrupted = db.query('test.sleep', 'select pg_sleep(30)')
  const [, stopped] = await Promise.all([failsInTime(interrupted), server.stop()])
  assert.equal(stopped, undefined)
  for (const _ of [1, 2, 3]) await failsInTime(one(db))
  await failsInTime(db.transaction(async (trx) => trx.query('test.one', 'select 1 as one')))

  await server.start()
  assert.deepEqual(await one(db), [{ one: 1 }])
})

test('a transaction that PostgreSQL takes down with it has not happened', async (t) => {
  const server = await startPostgres()
  t.after(server.close)
  const db = await open(t, server.url)
  await db.knex.raw('create table notes (words text)')
  await failsInTime(
    db.transaction(async (trx) => {
      await trx.query('test.add', "insert into notes values ('half')")
      await server.stop()
      await trx.query('test.add', "insert into notes values ('way')")
    }),
  )
  await server.start()
  assert.deepEqual(await db.query('test.notes', 'select words from notes'), [])
})

test('a network that swallows everything is given up within two seconds', async (t) => {
  const { url } = await withDatabase(t)
  const front = await tcpFront(t, url!)
  const db = await open(t, front.url)
  assert.deepEqual(await one(db), [{ one: 1 }])

  front.swallow()
  await failsInTime(one(db))
  await Promise.all([failsInTime(one(db)), failsInTime(one(db))])

  front.pass()
  assert.deepEqual(await one(db), [{ one: 1 }])
  front.swallow()
  await failsInTime(db.transaction(async (trx) => trx.query('test.one', 'select 1 as one')))
  const request = asOneRequest(async () => {
    await assert.rejects(one(db))
    await one(db)
  })
  await failsInTime(request)

  front.pass()
  assert.deepEqual(await one(db), [{ one: 1 }])
})
