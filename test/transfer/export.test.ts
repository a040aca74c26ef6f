import assert from 'node:assert/strict'
import { exportUsers } from '#src/transfer/index.ts'
import { exportRefusals } from '#src/works/index.ts'
import { testOnBoth } from '../support/database.ts'
import { importAll, passwordsOf, textOf } from './importing.ts'
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
