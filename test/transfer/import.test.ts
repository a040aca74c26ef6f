import assert from 'node:assert/strict'
import { exportRefusals } from '#src/works/index.ts'
import { testOnBoth } from '../support/database.ts'
import { counts, csv, idsOf, importAll, passwordsOf, rows, textOf, upload } from './importing.ts'
import { fixture } from './reading.ts'

testOnBoth('people are added with all that the file says of them', async (_t, db) => {
  const work = await importAll(db, 'csv', await fixture('own.csv'))
  assert.equal(work.state, 'done', work.error ?? '')
  assert.deepEqual(counts(work), { total: 8, done: 8, added: 2, existing: 0, refused: 6 })
  const [anna] = await db.query<Record<string, unknown>>(
    'test.anna',
    `select name, locale, created_at, roles, custom_data, blocked_at,
            (select json_agg(json_build_array(type, value, display, verified_at is not null)
              order by created_at) from identifiers where user_id = id) as identifiers,
            exists (select from passwords where user_id = id) as password
       from users where id = 'c-1'`,
  )
  assert.deepEqual(anna, {
    name: 'Muster, Anna',
    locale: 'de-CH',
    created_at: new Date('2020-03-01T09:00:00Z'),
    roles: ['editor', 'admin'],
    custom_data: { plan: 'gold', note: 'two lines' },
    blocked_at: null,
    identifiers: [
      ['email', 'anna@example.com', 'Anna@Example.com', true],
      ['email', 'anna@work.example', 'anna@work.example', false],
      ['phone', '+41791234567', '+41 79 123 45 67', true],
      ['username', 'anna', 'anna', true],
    ],
    password: true,
  })
  const report = await textOf(exportRefusals(db, work.id))
  assert.deepEqual(report.split('\r\n'), [
    'line,subject,reason',
    '5,c-3,"email ""not"": That is not an email address."',
    '6,c-4,email_verified has to be true or false',
    '7,c-5,the password is a hash of a kind that is not known here',
    '8,c-6,"there is no email address, phone number or username"',
    '9,,"has 3 columns, and the header 13"',
    `10,'=c-8,"email ""=x"": That is not an email address."`,
    '',
  ])
  assert.match(report, /\r\n10,'=c-8,/, 'no spreadsheet computes what is in a report')
})

testOnBoth(
  'a file that is imported twice adds nobody twice, with ids or without',
  async (_t, db) => {
    const named = csv([...rows(450), 'u1,other@example.com,true'])
    assert.deepEqual(counts(await importAll(db, 'csv', named)), {
      total: 451,
      done: 451,
      added: 450,
      existing: 1,
      refused: 0,
    })
    await db.query('test.rename', "update users set name = 'Kept' where id = 'u7'")
    const again = await importAll(db, 'csv', named)
    assert.deepEqual(counts(again), { total: 451, done: 451, added: 0, existing: 451, refused: 0 })
    const [kept] = await db.query<{ name: string }>(
      'test.kept',
      "select name from users where id = 'u7'",
    )
    assert.equal(kept!.name, 'Kept')

    const unnamed = ['email,username', ...rows(300, 1000).map((row) => `${row.split(',')[1]},`)]
    unnamed.push('both@example.com,both', 'both@example.com,both', 'both@example.com,other')
    const first = await importAll(db, 'csv', unnamed.join('\n'))
    assert.deepEqual([first.added, first.existing, first.refused], [302, 1, 0])
    const second = await importAll(db, 'csv', unnamed.join('\n'))
    assert.deepEqual([second.added, second.existing, second.refused], [0, 303, 0])
  },
)

testOnBoth('whoever claims what somebody else has proven is refused, alone', async (_t, db) => {
  await importAll(
    db,
    'csv',
    csv(['owner,mine@example.com,true', 'claim,claimed@example.com,false']),
  )
  const file = csv([
    'a,MINE@example.com,false',
    'b,claimed@example.com,true',
    'c,claimed@example.com,true',
    ...rows(250),
    'd,claimed@example.com,false',
    'e,p3@example.com,true',
  ])
  for (const dryRun of [true, false]) {
    const work = await importAll(db, 'csv', file, dryRun)
    const report = await textOf(exportRefusals(db, work.id))
    const lines = report.split('\r\n').slice(1, -1)
    if (dryRun) assert.deepEqual(await idsOf(db), ['claim', 'owner'], 'a trial adds nobody')
    assert.deepEqual([work.added, work.refused], dryRun ? [252, 3] : [251, 4], report)
    const wanted = ['2,a,', '4,c,', ...(dryRun ? [] : ['255,d,']), '256,e,']
    assert.deepEqual(
      lines.map((line) => wanted.find((start) => line.startsWith(start)) ?? line),
      wanted,
    )
    assert.match(lines[0]!, /email mine@example.com is somebody else’s already/)
  }
  assert.equal((await idsOf(db)).length, 253)
})

testOnBoth('every format is imported, and hashes of Firebase with it', async (_t, db) => {
  for (const [format, name, added, refused] of [
    ['auth0', 'auth0-export.ndjson', 3, 0],
    ['cognito', 'cognito.csv', 2, 0],
    ['firebase', 'firebase.txt', 2, 1],
    ['keycloak', 'keycloak.json', 3, 1],
    ['logto', 'logto.json', 2, 0],
  ] as const) {
    const work = await importAll(db, format, await fixture(name))
    const report = await textOf(exportRefusals(db, work.id))
    assert.deepEqual([work.state, work.added, work.refused], ['done', added, refused], report)
  }
  const found = await passwordsOf(db).reveal(db, await idsOf(db))
  assert.deepEqual([...found.keys()].sort(), [
    '2a3f4f1e-1111-4c2d-8e3f-000000000001',
    '2a3f4f1e-1111-4c2d-8e3f-000000000002',
    '2a3f4f1e-1111-4c2d-8e3f-000000000003',
    '9cn2ybg1q1ph',
    'Fb1aaaaaaaaaaaaaaaaaaaaaaaaa',
    'auth0|60425da93519d90068f82966',
  ])
})

testOnBoth('a file that is broken adds nobody, and says where', async (_t, db) => {
  const good = JSON.stringify({ user_id: 'a|1', email: 'a@example.com' })
  const broken = await importAll(db, 'auth0', `[${`${good},`.repeat(300)}`)
  assert.deepEqual(
    [broken.state, broken.error],
    ['failed', 'The file ends in the middle (line 1).'],
  )
  const wrong = await importAll(db, 'firebase', '{"people": []}')
  assert.match(wrong.error!, /nobody in this file/)
  await assert.rejects(upload(db, 'csv', ''), { code: 'invalid_input' })
  assert.deepEqual(await idsOf(db), [])
})
