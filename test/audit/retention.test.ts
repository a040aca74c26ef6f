import assert from 'node:assert/strict'
import { followRepository, retentionRepository } from '#src/audit/index.ts'
import type { Db } from '#src/db/contract.ts'
import { testOnBoth } from '../support/database.ts'

const happened = (db: Db, result: string, daysAgo: number) =>
  db.query(
    'test.happened',
    `insert into audit_events (event, result, at)
     values ('test', $1, now() - make_interval(days => $2))`,
    [result, daysAgo],
  )

const left = async (db: Db) =>
  (
    await db.query<{ result: string }>('test.left', 'select result from audit_events order by id')
  ).map(({ result }) => result)

testOnBoth(
  'what is old is deleted once everybody was told, and nothing else ever',
  async (_, db) => {
    await happened(db, 'old', 31)
    await happened(db, 'recent', 29)
    await retentionRepository(db).deleteOlderThan(30)
    assert.deepEqual(await left(db), ['old', 'recent'])
    let told = 0
    while (told < 2) told += await followRepository(db).follow([])
    await happened(db, 'old, and told to nobody', 31)
    await retentionRepository(db).deleteOlderThan(30)
    assert.deepEqual(await left(db), ['recent', 'old, and told to nobody'])
    await assert.rejects(db.query('test.delete', 'delete from audit_events'), /append-only/)
    await assert.rejects(
      db.query('test.update', `update audit_events set result = 'other'`),
      /append-only/,
    )
  },
)
