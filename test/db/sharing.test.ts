import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase } from '#src/db/index.ts'
import { withDatabase } from '../support/database.ts'

test('a statement that waits for a row keeps neither readers nor transactions waiting', async (t) => {
  const { url } = await withDatabase(t)
  const db = await openDatabase({ url: url!, folder: '' })
  const held = Promise.withResolvers<void>()
  // Whatever fails before: the database can only close once nobody holds a connection.
  t.after(() => held.resolve())
  t.after(db.close)
  await db.knex.raw('create table things (id int primary key, n int)')
  await db.knex.raw('insert into things values (1, 0), (2, 0)')
  const add = (id: number) =>
    db.query('test.add', 'update things set n = n + 1 where id = $1 returning n', [id])

  const locked = Promise.withResolvers<void>()
  const holding = db.transaction(async (tx) => {
    await tx.query('test.add', 'update things set n = n + 1 where id = $1 returning n', [1])
    locked.resolve()
    await held.promise
  })
  await locked.promise
  const waiting = Array.from({ length: 30 }, () => add(1))
  const reads = Array.from({ length: 100 }, () =>
    db.query('test.read', 'select n from things where id = $1', [1]),
  )
  assert.deepEqual((await Promise.all(reads)).at(-1), [{ n: 0 }])
  const second = await db.transaction((tx) =>
    tx.query('test.add', 'update things set n = n + 1 where id = $1 returning n', [2]),
  )
  assert.deepEqual(second, [{ n: 1 }])
  held.resolve()
  await holding
  const sums = (await Promise.all(waiting)).map(([row]) => row!.n as number)
  assert.deepEqual(
    sums.sort((a, b) => a - b),
    Array.from({ length: 30 }, (_, at) => at + 2),
  )
})

test('one statement that fails among many takes none of the others with it', async (t) => {
  const { url } = await withDatabase(t)
  const db = await openDatabase({ url: url!, folder: '' })
  t.after(db.close)
  const asked = await Promise.allSettled(
    Array.from({ length: 60 }, (_, n) =>
      db.query('test.divide', 'select 10 / $1::int as result', [n % 6]),
    ),
  )
  asked.forEach((answer, n) => {
    if (n % 6 === 0) assert.equal(answer.status, 'rejected')
    else
      assert.deepEqual(
        answer.status === 'fulfilled' && answer.value[0]!.result,
        Math.floor(10 / (n % 6)),
      )
  })
})

test('a statement that takes too long ends alone, though others wait behind it', async (t) => {
  const { url } = await withDatabase(t)
  const db = await openDatabase({ url: url!, folder: '', poolSize: 2 })
  t.after(db.close)
  const one = () => db.query('test.one', 'select 1 as one')
  await one()
  const slow = db.query('test.slow', 'select pg_sleep(5)')
  slow.catch(() => {})
  // Later, so that their own time is not over at the very moment when it ends.
  await sleep(500)
  const behind = Array.from({ length: 5 }, one)
  await assert.rejects(slow, { code: 'unavailable' })
  for (const answer of await Promise.all(behind)) assert.deepEqual(answer, [{ one: 1 }])
})
