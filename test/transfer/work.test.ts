import assert from 'node:assert/strict'
import { importUsers } from '#src/transfer/index.ts'
import { worker, workRepository } from '#src/works/index.ts'
import { testOnBoth } from '../support/database.ts'
import { counts, csv, idsOf, keys, passwordsOf, rows, upload, workOn } from './importing.ts'

testOnBoth('work that is left goes on where it was, and none is added twice', async (_t, db) => {
  const { id } = await upload(db, 'csv', csv(rows(1000)))
  let left = 0
  for (;;) {
    const ending = new AbortController()
    const passwords = passwordsOf(db)
    let commits = 0
    const tasks = {
      'users.import': importUsers({
        adopt: passwords.adopt,
        async storeAll(...given) {
          await passwords.storeAll(...given)
          if (++commits === 2) ending.abort()
        },
      }),
    }
    await worker({ db, keys, tasks, log: { error: assert.fail } as never })(ending.signal)
    const { state, done } = (await workRepository(db).find(id))!
    if (state === 'done') break
    left += 1
    assert.equal(done, left * 400)
  }
  assert.equal(left, 2)
  const work = (await workRepository(db).find(id))!
  assert.deepEqual(counts(work), { total: 1000, done: 1000, added: 1000, existing: 0, refused: 0 })
  assert.equal((await idsOf(db)).length, 1000)
})

testOnBoth('who has lost the work writes no more of it', async (_t, db) => {
  const { id } = await upload(db, 'csv', csv(rows(600)))
  const passwords = passwordsOf(db)
  let taken = false
  const tasks = {
    'users.import': importUsers({
      adopt(text) {
        return passwords.adopt(text)
      },
      storeAll: passwords.storeAll,
    }),
  }
  const slow = {
    'users.import': async (job: Parameters<(typeof tasks)['users.import']>[0]) =>
      tasks['users.import']({
        ...job,
        async commit(write) {
          if (!taken) {
            taken = true
            await db.query(
              'test.stall',
              `update works set lease_until = now() - interval '1 second' where id = $1`,
              [id],
            )
            await worker({ db, keys, tasks, log: { error: assert.fail } as never })(
              new AbortController().signal,
            )
          }
          return job.commit(write)
        },
      }),
  }
  await worker({ db, keys, tasks: slow, log: { error: assert.fail } as never })(
    new AbortController().signal,
  )
  const work = (await workRepository(db).find(id))!
  assert.deepEqual(counts(work), { total: 600, done: 600, added: 600, existing: 0, refused: 0 })
})

testOnBoth('cancelled work stops, and its file is gone', async (_t, db) => {
  const { id } = await upload(db, 'csv', csv(rows(600)))
  const passwords = passwordsOf(db)
  const tasks = {
    'users.import': importUsers({
      adopt: passwords.adopt,
      async storeAll(tx, all) {
        await passwords.storeAll(tx, all)
        await workRepository(tx).cancel(id)
      },
    }),
  }
  await worker({ db, keys, tasks, log: { error: assert.fail } as never })(
    new AbortController().signal,
  )
  const work = (await workRepository(db).find(id))!
  assert.deepEqual([work.state, work.done], ['cancelled', 200])
  assert.equal((await idsOf(db)).length, 200, 'what was done stays')
  assert.equal(await workRepository(db).cancel(id), false)
})

testOnBoth('a file lies sealed, and no longer than it is needed', async (_t, db) => {
  const { id } = await upload(db, 'csv', csv(rows(20_000)))
  const pieces = await db.query<{ sealed: Buffer }>('test.files', 'select sealed from work_files')
  assert.ok(pieces.length > 1)
  for (const { sealed } of pieces) assert.ok(!sealed.includes('example.com'))
  await workOn(db)
  assert.equal((await workRepository(db).find(id))!.added, 20_000)
  assert.deepEqual(await db.query('test.files', 'select sealed from work_files'), [])
})

testOnBoth('work that ends its process again and again is given up', async (_t, db) => {
  const { id } = await upload(db, 'csv', csv(rows(1)))
  for (let time = 0; time < 5; time++) {
    await workRepository(db).take(['users.import'])
    await db.query(
      'test.crash',
      `update works set lease_until = now() - interval '1 second' where id = $1`,
      [id],
    )
  }
  await workOn(db)
  const { state, error } = (await workRepository(db).find(id))!
  assert.equal(state, 'failed')
  assert.match(error!, /came no further/)
})
