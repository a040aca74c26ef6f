import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { type Answer, ops, startManaged } from './api.ts'
import { sqlOf } from './people.ts'

const server = await startManaged({ after })
const api = await ops(server)
const sql = sqlOf({ after }, server)

const create = async (body: object): Promise<Answer['body']> => {
  const answer = await api.call('POST', '/users', body)
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return answer.body
}
const email = (value: string, verified = true) => ({ type: 'email', value, verified })
const found = async (q: string, more = '') =>
  (await api.call('GET', `/users?q=${encodeURIComponent(q)}${more}`)).body.data.map(
    ({ id }: { id: string }) => id,
  )

test('people are found by id, and by the beginning of what they are known by', async () => {
  const a = await create({
    name: 'Zora Zimmer',
    identifiers: [
      email('zora@zimmer.example'),
      email('zora.z@zimmer.example'),
      { type: 'phone', value: '+41 79 555 55 55', verified: true },
      { type: 'username', value: 'zorro', verified: true },
    ],
  })
  const b = await create({ name: 'Zoran', identifiers: [email('x@zoran.example')] })
  const by: [string, string[]][] = [
    [a.id, [a.id]],
    [a.id.slice(0, 8), []],
    ['zora@zimmer.example', [a.id]],
    ['ZORA@Zim', [a.id]],
    ['+41 79 555', [a.id]],
    ['0041 (79) 555-55-55', [a.id]],
    ['Zorr', [a.id]],
    ['zora', [a.id, b.id]],
    ['ZORA Z', [a.id]],
    ['%', []],
    ['zora_', []],
  ]
  for (const [q, ids] of by) assert.deepEqual(await found(q), ids, q)
  assert.deepEqual(await found('zora', '&blocked=true'), [])
  await api.call('POST', `/users/${b.id}/block`)
  assert.deepEqual(await found('zora', '&blocked=true'), [b.id])
  assert.deepEqual(await found('zora', '&blocked=false'), [a.id])
  assert.deepEqual(
    await found('zora', `&createdAfter=${new Date(Date.now() + 60_000).toISOString()}`),
    [],
  )
  assert.deepEqual(await found('zora', '&limit=1'), [a.id])
})

test('a cursor that was made up is refused, or finds nothing', async () => {
  const cursor = (key: unknown) => Buffer.from(JSON.stringify(key)).toString('base64url')
  const made = [
    'x',
    '%22',
    cursor(null),
    cursor(['9'.repeat(17), 'a']),
    cursor(['1', 'a\0']),
    cursor(['1', '\ud800']),
    cursor(['-1', 'a']),
    cursor([3, 'a', 'b']),
    cursor(['1; drop table users', 'a']),
  ]
  for (const each of made) {
    for (const q of ['', 'q=zora&']) {
      const { status, body } = await api.call('GET', `/users?${q}cursor=${each}`)
      assert.equal(status, 422, `${each} ${JSON.stringify(body)}`)
    }
  }
  const far = await api.call('GET', `/users?cursor=${cursor(['9'.repeat(16), 'a'])}`)
  assert.equal(far.status, 200)
  for (const bad of ['limit=0', 'limit=101', 'blocked=maybe', 'createdAfter=today', 'other=1']) {
    assert.equal((await api.call('GET', `/users?${bad}`)).status, 422, bad)
  }
})

test('ten thousand people are listed to the last, none twice, while others come', async () => {
  await sql(
    `insert into users (id, name, created_at)
     select 'many-' || n, 'Many ' || n, now() - (n / 3) * interval '1 second'
       from generate_series(1, 10000) n`,
  )
  for (const query of ['', 'q=many&']) {
    const seen = new Set<string>()
    let pages = 0
    let cursor = ''
    do {
      const { body } = await api.call('GET', `/users?${query}limit=100${cursor}`)
      for (const { id } of body.data) {
        assert.ok(!seen.has(id), `${id} is there twice`)
        seen.add(id)
      }
      if (pages++ % 10 === 0) {
        await sql(`insert into users (id, name) values ($1, 'Many, later')`, [
          `later-${query}${pages}`,
        ])
      }
      cursor = body.next ? `&cursor=${body.next}` : ''
    } while (cursor)
    const many = [...seen].filter((id) => id.startsWith('many-'))
    assert.equal(many.length, 10_000)
  }
})
