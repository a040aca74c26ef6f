import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Person } from '#src/transfer/contract.ts'
import { fixture, peopleOf, readAll } from './reading.ts'

const nobody: Person = {
  id: null,
  name: null,
  locale: null,
  blocked: false,
  createdAt: null,
  identifiers: [],
  passwordHash: null,
  roles: [],
  customData: {},
}
const email = (value: string, verified = true) => ({ type: 'email' as const, value, verified })
const phone = (value: string, verified = true) => ({ type: 'phone' as const, value, verified })
const username = (value: string) => ({ type: 'username' as const, value, verified: true })
const bcrypt = (variant: string) =>
  `$${variant}$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW`

test('our own CSV is read as its columns say', async () => {
  const rows = await readAll('csv', await fixture('own.csv'))
  assert.deepEqual(
    rows.map(({ line }) => line),
    [2, 4, 5, 6, 7, 8, 9, 10],
    'lines are those of the file, whatever the cells hold',
  )
  const [anna, bert, , cleo, , , short, formula] = await peopleOf('csv', 'own.csv')
  assert.deepEqual(anna, {
    id: 'c-1',
    name: 'Muster, Anna',
    locale: 'de-CH',
    blocked: false,
    createdAt: new Date('2020-03-01T09:00:00Z'),
    identifiers: [
      email('Anna@Example.com'),
      email('anna@work.example', false),
      phone('+41 79 123 45 67'),
      username('anna'),
    ],
    passwordHash: bcrypt('2a'),
    roles: ['editor', 'admin'],
    customData: { plan: 'gold', note: 'two lines' },
  })
  assert.deepEqual(bert, { ...nobody, identifiers: [email('bert@example.com', false)] })
  assert.equal(cleo, 'email_verified has to be true or false')
  assert.equal(short, 'has 3 columns, and the header 13')
  assert.deepEqual(
    [(formula as Person).id, (formula as Person).name],
    ['=c-8', '=cmd|calc'],
    'what an export has defused is what it was',
  )
})

test('CSV comes with semicolons, tabs, quotes and line ends of all kinds', async () => {
  for (const text of [
    '\ufeffid;email\r\n1;a@example.com\r\n2;"b@example.com"\r\n',
    'id\temail\n1\ta@example.com\n\n2\tb@example.com',
    '"id","email"\n"1","a@example.com"\n"2","b@example.com"\n\n',
  ]) {
    for (const size of [1, 2, 3, 1000]) {
      const rows = await readAll('csv', text, size)
      const found = rows.map((row) => 'person' in row && [row.person.id, row.person.identifiers])
      assert.deepEqual(
        found,
        [
          ['1', [email('a@example.com', false)]],
          ['2', [email('b@example.com', false)]],
        ],
        JSON.stringify([text, size]),
      )
    }
  }
})

test('a file that is not right as a whole is refused with words', async () => {
  const cases: [Parameters<typeof readAll>[0], string | Buffer, RegExp][] = [
    ['csv', 'id,shoe\n1,42', /column "shoe" is not known/],
    ['csv', 'id,id\n1,42', /"id" is there twice/],
    ['csv', 'id,name\n1,"never closed\n2,x\n', /quote that is not closed/],
    ['csv', `id,name\n1,"${'x'.repeat(300_000)}`, /does not end/],
    ['csv', Buffer.from('id,name\n1,Z\xfcrich', 'latin1'), /UTF-8/],
    ['auth0', '[{"a":1}, {"b":', /ends in the middle/],
    ['auth0', '[[{}]]', /no JSON of the kind/],
    ['auth0', '"text"', /no JSON of the kind/],
    ['auth0', 'id,email\n1,a@example.com', /no JSON of the kind/],
    ['auth0', '[{}}]', /no JSON of the kind/],
    ['firebase', '[{"localId":"1"}', /ends in the middle/],
    ['firebase', 'null', /no JSON of the kind/],
    ['keycloak', '{"users":["a"]}', /no JSON of the kind/],
  ]
  for (const [format, text, words] of cases) {
    await assert.rejects(readAll(format, text, 1000), (error: { detail?: string }) => {
      assert.match(error.detail ?? String(error), words, String(text).slice(0, 50))
      return true
    })
  }
})

test('Auth0: people with the hashes of its support, and of an export', async () => {
  assert.deepEqual(await peopleOf('auth0', 'auth0-export.ndjson'), [
    {
      ...nobody,
      id: 'auth0|60425da93519d90068f82966',
      identifiers: [email('test@example.com')],
      passwordHash: bcrypt('2b'),
    },
    {
      ...nobody,
      id: 'auth0|600000000000000000000001',
      name: 'Sonja Second',
      createdAt: new Date('2021-05-05T10:00:00Z'),
      identifiers: [email('second@example.com', false)],
      roles: ['editor'],
      customData: { user_metadata: { theme: 'dark' }, app_metadata: { roles: ['editor'] } },
    },
    {
      ...nobody,
      id: 'google-oauth2|113',
      name: 'Third',
      createdAt: new Date('2021-05-05T10:00:00Z'),
      identifiers: [email('third@example.com')],
    },
  ])
})

test('Auth0: the file of a bulk import', async () => {
  await assert.rejects(peopleOf('auth0', 'auth0-bulk.json'), { code: 'invalid_input' })
  const text = String(await fixture('auth0-bulk.json')).replace(/,\s*7\s*\]/, ']')
  const [john, pbk, md5] = await readAll('auth0', text)
  assert.ok(john && 'person' in john && pbk && 'person' in pbk)
  assert.equal(john.line, 2)
  assert.deepEqual(john.person, {
    ...nobody,
    id: 'auth0|bulk-1',
    identifiers: [email('john.contoso@example.com', false), username('johncontoso')],
    passwordHash: '$scrypt$ln=10,r=8,p=5$c2FsdA==$bWmwfg==',
    roles: ['admin'],
    customData: { app_metadata: { roles: ['admin'] } },
  })
  assert.equal(pbk.person.blocked, true)
  assert.match(pbk.person.passwordHash!, /^\$pbkdf2-sha512\$i=1000,l=64\$/)
  assert.match(md5 && 'fault' in md5 ? md5.fault : '', /not known here/)
})

test('Firebase: people, with the settings of the hashes before them', async () => {
  const [one, two, three] = await peopleOf('firebase', 'firebase.txt')
  assert.deepEqual(one, {
    ...nobody,
    id: 'Fb1aaaaaaaaaaaaaaaaaaaaaaaaa',
    name: 'User One',
    createdAt: new Date(1583020800000),
    identifiers: [email('user1@example.com')],
    passwordHash:
      '$firebase-scrypt$ln=14,r=8,k=jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==,s=Bw==$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==',
    roles: ['editor'],
    customData: { claims: { roles: ['editor'], level: 3 } },
  })
  assert.deepEqual(two, {
    ...nobody,
    id: 'Fb2aaaaaaaaaaaaaaaaaaaaaaaaa',
    blocked: true,
    createdAt: new Date(1583020800000),
    identifiers: [phone('+41791112233')],
  })
  assert.deepEqual((three as Person).identifiers, [])
})

test('Cognito: people, who keep their name but neither password nor made-up username', async () => {
  assert.deepEqual(await peopleOf('cognito', 'cognito.csv'), [
    {
      ...nobody,
      id: 'John',
      name: 'John Doe',
      locale: 'en-US',
      identifiers: [email('johndoe@example.com'), phone('+12345550100'), username('John')],
      customData: { plan: 'gold' },
    },
    {
      ...nobody,
      id: '3f1c2b1a-0a1b-4c2d-8e3f-123456789abc',
      name: 'Maria',
      identifiers: [email('maria@example.com', false), username('maria.s')],
    },
  ])
})

test('Logto: people, with hashes where somebody has added them', async () => {
  assert.deepEqual(await peopleOf('logto', 'logto.json'), [
    {
      ...nobody,
      id: '9cn2ybg1q1ph',
      name: 'Lotte Logto',
      locale: 'de',
      createdAt: new Date(1690000000000),
      identifiers: [email('lotte@example.com'), phone('+41791112244'), username('lotte')],
      passwordHash:
        '$argon2i$v=19$m=512,t=256,p=1$YSBzYWx0IG9mIGl0cyBvd24$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      customData: { seat: 4 },
    },
    {
      ...nobody,
      id: 'suspended000',
      blocked: true,
      createdAt: new Date(1690000000000),
      identifiers: [email('out@example.com')],
    },
  ])
})

test('Keycloak: the people of a realm, whatever else is called users in it', async () => {
  const [kaethe, old, argo, odd, ...more] = await peopleOf('keycloak', 'keycloak.json')
  assert.equal(more.length, 0)
  assert.deepEqual(kaethe, {
    ...nobody,
    id: '2a3f4f1e-1111-4c2d-8e3f-000000000001',
    name: 'Käthe Kloak',
    locale: 'de',
    createdAt: new Date(1600000000000),
    identifiers: [email('kaethe@example.com'), phone('+41 79 111 22 55'), username('kaethe')],
    passwordHash:
      '$pbkdf2-sha256$i=27500$c2FsdHNhbHQ=$U0hBNTEyU0hBNTEyU0hBNTEyU0hBNTEyU0hBNTEyU0hBNTEyU0hBNTEyU0hBNTEyU0hBNTEyU0hBNTEyU0hB',
    roles: ['editor'],
    customData: { attributes: { shoe: ['42'] }, groups: ['/staff'] },
  })
  assert.deepEqual(old, {
    ...nobody,
    id: '2a3f4f1e-1111-4c2d-8e3f-000000000002',
    blocked: true,
    identifiers: [email('old@example.com', false)],
    passwordHash: '$pbkdf2-sha1$i=20000$c2FsdHNhbHQ=$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
  })
  assert.equal(
    (argo as Person).passwordHash,
    '$argon2id$v=19$m=7168,t=5,p=1$YSBzYWx0IG9mIGl0cyBvd24=$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
  )
  assert.match(String(odd), /rot13, which is not known here/)
})

test('one person that is too long, or no JSON, keeps none of the others', async () => {
  const good = (id: number) => `{"user_id":"a|${id}","email":"p${id}@example.com"}`
  const long = `{"user_id":"x","name":"${'x'.repeat(400_000)}"}`
  for (const size of [1000, 100_000, 1_000_000]) {
    const rows = await readAll('auth0', [good(1), long, '{bad}', good(2)].join('\n'), size)
    assert.deepEqual(
      rows.map((row) => [row.line, 'fault' in row ? row.fault : row.person.id]),
      [
        [1, 'a|1'],
        [2, 'is too long'],
        [3, 'is no JSON object'],
        [4, 'a|2'],
      ],
    )
  }
})
