import assert from 'node:assert/strict'
import { testOnBoth } from '../support/database.ts'

testOnBoth('a value comes back as the type that it was stored as', async (_t, db) => {
  const [row] = await db.query(
    'test.types',
    `select $1::bytea as bytes, $2::timestamptz as instant, $3::jsonb as json, $4::bigint as big,
            $5::text[] as list, null::text as nothing`,
    [Buffer.from('ab'), new Date(1_000), { a: [1] }, '9007199254740993', ['x', 'y']],
  )
  assert.deepEqual(row, {
    bytes: Buffer.from('ab'),
    instant: new Date(1_000),
    json: { a: [1] },
    big: '9007199254740993',
    list: ['x', 'y'],
    nothing: null,
  })
})

testOnBoth('the same statement can be asked again with other values', async (_t, db) => {
  const answers = await Promise.all(
    [1, 2, 3].map((value) =>
      db.query<{ double: number }>('test.double', 'select $1::int * 2 as double', [value]),
    ),
  )
  assert.deepEqual(
    answers.map(([row]) => row!.double),
    [2, 4, 6],
  )
})

testOnBoth('a statement that the database refuses fails with its code', async (_t, db) => {
  await assert.rejects(db.query('test.wrong', 'select * from no_such_table'), { code: '42P01' })
  assert.deepEqual(await db.query('test.after-wrong', 'select 1 as one'), [{ one: 1 }])
})
