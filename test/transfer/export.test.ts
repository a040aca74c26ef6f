import assert from 'node:assert/strict'
import { exportTask, exportUsers, exportWork } from '#src/transfer/index.ts'
import {
  exportRefusals,
  sweepWorks,
  worker,
  workRepository,
  writtenFile,
} from '#src/works/index.ts'
import { testOnBoth } from '../support/database.ts'
import { createdBy, csv, importAll, keys, passwordsOf, rows, textOf, workOn } from './importing.ts'
import { fixture } from './reading.ts'

testOnBoth('what is exported can be imported again, as both kinds of file', async (_t, db) => {
  await importAll(db, 'csv', await fixture('own.csv'))
  await importAll(db, 'keycloak', await fixture('keycloak.json'))
  const passwords = passwordsOf(db)
  const ndjson = await textOf(exportUsers(db, 'ndjson', passwords))
  const asCsv = await textOf(exportUsers(db, 'csv', passwords))
  for (const [format, file] of [
    ['avouch', ndjson],
    ['csv', asCsv],
  ] as const) {
    await db.query('test.empty', 'delete from users')
    const work = await importAll(db, format, file)
    assert.equal(work.refused, 0, await textOf(exportRefusals(db, work.id)))
    assert.equal(await textOf(exportUsers(db, 'ndjson', passwords)), ndjson)
  }
  const plain = await textOf(exportUsers(db, 'ndjson', null))
  assert.doesNotMatch(plain, /\$2a\$|pbkdf2|password/i)
  assert.doesNotMatch(await textOf(exportUsers(db, 'csv', null)), /\$2a\$|pbkdf2|password/i)
})

testOnBoth('a spreadsheet finds no formula in an export', async (_t, db) => {
  await db.query(
    'test.formulas',
    `insert into users (id, name) values ('=1+1', '@SUM(A1)'), ('b', '+41'), ('c', '-2')`,
  )
  const lines = (await textOf(exportUsers(db, 'csv', null))).split('\r\n').slice(1, -1)
  assert.equal(lines.length, 3)
  for (const line of lines) {
    for (const cell of line.split(',')) assert.doesNotMatch(cell, /^"?[=+\-@]/)
  }
})

testOnBoth(
  'an export that is left goes on where it was, and nobody is in it twice',
  async (_t, db) => {
    await importAll(db, 'csv', csv(rows(1800)))
    const passwords = passwordsOf(db)
    const whole = await textOf(exportUsers(db, 'csv', passwords))
    const works = workRepository(db)
    const { id } = await works.begin({
      ...exportWork({ format: 'csv', passwords: true }),
      createdBy,
    })
    const steps: number[] = []
    for (;;) {
      const ending = new AbortController()
      let read = 0
      const tasks = {
        'users.export': exportTask({
          reveal(...given) {
            if (++read === 2) ending.abort()
            return passwords.reveal(...given)
          },
        }),
      }
      await worker({ db, keys, tasks, log: { error: assert.fail } as never })(ending.signal)
      const { state, done, total } = (await works.find(id))!
      assert.equal(total, 1800)
      if (state === 'done') break
      steps.push(done)
    }
    assert.deepEqual(steps, [1000, 1800])
    assert.equal(await textOf(writtenFile({ db, keys }, id)), whole)
  },
)

testOnBoth('what was exported is kept sealed, and goes when its time is over', async (_t, db) => {
  await importAll(db, 'csv', csv(rows(3)))
  const works = workRepository(db)
  const { id } = await works.begin({
    ...exportWork({ format: 'csv', passwords: false }),
    createdBy,
  })
  await workOn(db)
  await sweepWorks({ db, keys })
  assert.match(await textOf(writtenFile({ db, keys }, id)), /p1@example.com/)
  const pieces = () =>
    db.query<{ sealed: Buffer }>('test.sealed', 'select sealed from work_files', [])
  for (const { sealed } of await pieces()) assert.ok(!sealed.includes('example.com'))
  await db.query('test.over', 'update works set file_until = now()')
  await sweepWorks({ db, keys })
  assert.deepEqual(await pieces(), [])
})

testOnBoth('an export that is cancelled leaves nothing', async (_t, db) => {
  await importAll(db, 'csv', csv(rows(3)))
  const works = workRepository(db)
  const { id } = await works.begin({
    ...exportWork({ format: 'csv', passwords: false }),
    createdBy,
  })
  assert.equal(await works.cancel(id), true)
  await workOn(db)
  await sweepWorks({ db, keys })
  assert.equal(await textOf(writtenFile({ db, keys }, id)), '')
})
