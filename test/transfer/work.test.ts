import assert from 'node:assert/strict'
import { exportTask, exportUsers, importUsers } from '#src/transfer/index.ts'
import { readMade, sweepWorks, type Task, worker, workRepository } from '#src/works/index.ts'
import { testOnBoth } from '../support/database.ts'
import {
  counts,
  createdBy,
  csv,
  idsOf,
  importAll,
  keys,
  passwordsOf,
  rows,
  textOf,
  upload,
  workOn,
} from './importing.ts'

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

testOnBoth(
  'an export that is left after every piece is whole, with everybody once',
  async (_t, db) => {
    const passwords = passwordsOf(db)
    for (const [count, from] of [
      [0, 1],
      // Two whole pieces, and nobody behind them; then somebody.
      [1000, 1],
      [7, 2001],
    ] as const) {
      if (count > 0) await importAll(db, 'csv', csv(rows(count, from)))
      for (const format of ['csv', 'ndjson'] as const) {
        const options = { format, passwords: false }
        const works = workRepository(db)
        const { id } = await works.createMaking({ kind: 'users.export', options, createdBy })
        // What was committed stays; whatever would have come after it does not.
        const leaving: Task = async (job) => {
          // One piece; the first time they are counted before it.
          let left = job.work.total === null ? 2 : 1
          const commit: typeof job.commit = async (write) =>
            left-- > 0 ? job.commit(write) : Promise.reject(new Error('was killed'))
          await exportTask(passwords)({ ...job, commit }).catch(() => {})
          return false
        }
        for (let time = 0; time < 4; time++) {
          const ending = new AbortController()
          const tasks = {
            'users.export': async (job: Parameters<Task>[0]) => {
              const whole = await leaving(job)
              ending.abort()
              return whole
            },
          }
          await worker({ db, keys, tasks, log: { error: assert.fail } as never })(ending.signal)
        }
        const tasks = { 'users.export': exportTask(passwords) }
        await worker({ db, keys, tasks, log: { error: assert.fail } as never })(
          new AbortController().signal,
        )
        const work = (await works.find(id))!
        const people = (await idsOf(db)).length
        assert.deepEqual([work.state, work.done, work.total], ['done', people, people])
        const text = await textOf(readMade({ db, keys }, work))
        assert.equal(text, await textOf(exportUsers(db, format, null)))
        assert.equal(text.split('\n').length - 1, people + (format === 'csv' ? 1 : 0))
      }
    }
  },
)

testOnBoth('a file that was made lies sealed, for a day', async (_t, db) => {
  await importAll(db, 'csv', csv(rows(3)))
  const options = { format: 'csv', passwords: false }
  const { id } = await workRepository(db).createMaking({
    kind: 'users.export',
    options,
    createdBy,
  })
  const tasks = { 'users.export': exportTask(passwordsOf(db)) }
  await worker({ db, keys, tasks, log: { error: assert.fail } as never })(
    new AbortController().signal,
  )
  const pieces = () => db.query<{ sealed: Buffer }>('test.files', 'select sealed from work_files')
  await sweepWorks({ db, keys })
  const [piece, ...more] = await pieces()
  assert.equal(more.length, 0)
  assert.ok(!piece!.sealed.includes('example.com'))
  await db.query('test.later', `update works set finished_at = now() - interval '25 hours'`)
  assert.equal((await workRepository(db).find(id))!.fileUntil, null)
  await sweepWorks({ db, keys })
  assert.deepEqual(await pieces(), [])
})
