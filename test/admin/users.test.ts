import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { race } from '../support/race.ts'
import { type Answer, accessToken, apiOf, ops, program, startManaged } from './api.ts'
import { sqlOf } from './people.ts'

const support = ['users:read', 'users:support']
const server = await startManaged(
  { after },
  {
    config: {
      clients: [
        program('desk', support),
        program('reader', ['users:read']),
        program('writer', ['users:read', 'users:write']),
      ],
    },
  },
)
const api = await ops(server)
const sql = sqlOf({ after }, server)
const as = async (clientId: string, scopes: readonly string[]) =>
  apiOf(server, await accessToken(server, clientId, scopes))

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
const levels = (count: number) => JSON.parse(`${'{"a":'.repeat(count)}1${'}'.repeat(count)}`)
const makeAdmin = (id: string, role: string) =>
  sql('insert into admins (user_id, role) values ($1, $2)', [id, role])

test('a person is made with all that is said of them, and read back without secrets', async () => {
  const made = await create({
    name: ' Anna Muster ',
    locale: 'de-CH',
    identifiers: [email('Anna@Example.com'), { type: 'phone', value: '+41 79 123 45 67' }],
    password: 'quiet harbour lamps 42',
    roles: ['editor'],
    customData: { plan: 'gold', seats: [1, 2] },
  })
  const { status, body, headers } = await api.call('GET', `/users/${made.id}`)
  assert.equal(status, 200)
  assert.deepEqual(body, made)
  assert.equal(headers.get('etag'), '"1"')
  assert.equal(body.name, 'Anna Muster')
  assert.deepEqual(body.identifiers, [
    { type: 'email', value: 'anna@example.com', display: 'Anna@Example.com', verified: true },
    { type: 'phone', value: '+41791234567', display: '+41 79 123 45 67', verified: false },
  ])
  assert.ok(body.credentials.password.changedAt)
  assert.deepEqual([body.credentials.totp, body.credentials.backupCodes], [null, null])
  assert.deepEqual([body.sessions, body.clients], [[], []])
  assert.deepEqual([body.devices, body.knownBrowsers], [[], 0])
  assert.deepEqual(body.customData, { plan: 'gold', seats: [1, 2] })
  assert.doesNotMatch(JSON.stringify(body), /argon2|harbour/)

  const [row] = await sql<{ detail: string }>(
    `select detail from audit_events where event = 'user.created' and user_id = $1`,
    [made.id],
  )
  assert.doesNotMatch(row!.detail, /anna|muster|harbour|791234567/i, 'no name, address or secret')
})

test('what can not be is refused with its place', async () => {
  const cases: [object, string][] = [
    [{ name: '' }, 'name'],
    [{ name: 'a\nb' }, 'name'],
    [{ locale: 'nonsense-language-tag-' }, 'locale'],
    [{ roles: ['two words'] }, 'roles[0]'],
    [{ roles: ['a', 'a'] }, 'roles'],
    [{ isAdmin: true }, 'isAdmin'],
    [{ customData: { a: 'x'.repeat(16_400) } }, 'customData'],
    [{ customData: levels(9) }, 'customData'],
    [{ customData: { a: '\0' } }, 'customData'],
    [{ customData: { a: '\ud800' } }, 'customData'],
    [{ customData: [] }, 'customData'],
    [{ password: 'password1234567' }, 'password'],
    [{ password: 'short' }, 'password'],
    [{ name: 'Quiet Harbour', password: 'quietharbour' }, 'password'],
    [{ identifiers: [email('ok@example.com'), email('not an address')] }, 'identifiers[1].value'],
    [{ identifiers: [{ type: 'phone', value: '079 123 45 67' }] }, 'identifiers[0].value'],
  ]
  for (const [body, path] of cases) {
    const answer = await api.call('POST', '/users', body)
    assert.equal(answer.status, 422, JSON.stringify([body, answer.body]).slice(0, 300))
    assert.equal(answer.body.errors[0].path, path, JSON.stringify(answer.body))
  }
  assert.deepEqual(await found('ok@example.com'), [], 'nothing is left of a refused one')
  const { customData } = await create({
    customData: { ...levels(8), n: 1e308, s: 'ü'.repeat(8000) },
  })
  assert.equal(customData.n, 1e308)
})

test('an identifier is one person’s once it is proven', async () => {
  await create({ identifiers: [email('taken@example.com')] })
  const other = await create({ identifiers: [email('taken-too@example.com', false)] })
  const again = await api.call('POST', '/users', { identifiers: [email('TAKEN@example.com')] })
  assert.equal(again.status, 409)
  assert.equal(again.body.code, 'already_exists')
  assert.equal(again.body.errors[0].path, 'identifiers[0].value')
  const added = await api.call('POST', `/users/${other.id}/identifiers`, email('taken@example.com'))
  assert.equal(added.status, 409)
  assert.equal(added.body.errors[0].path, 'value')

  const proven = await api.call('POST', `/users/${other.id}/identifiers`, {
    ...email('taken-too@example.com'),
  })
  assert.equal(proven.status, 200)
  assert.deepEqual(
    proven.body.identifiers.map(({ verified }: { verified: boolean }) => verified),
    [true],
  )
  const gone = await api.call(
    'DELETE',
    `/users/${other.id}/identifiers/email/${encodeURIComponent('Taken-Too@example.com')}`,
  )
  assert.deepEqual(gone.body.identifiers, [])
  const twice = await api.call(
    'DELETE',
    `/users/${other.id}/identifiers/email/taken-too@example.com`,
  )
  assert.equal(twice.status, 404)
})

test('of a hundred who are given one address at once, one has it', async () => {
  const { won } = await race(100, () =>
    api.call('POST', '/users', { name: 'Racer', identifiers: [email('race@example.com')] }),
  )
  const statuses = won.map(({ status }) => status)
  assert.equal(statuses.filter((status) => status === 201).length, 1)
  assert.ok(
    statuses.every((status) => [201, 409, 503].includes(status)),
    String(statuses),
  )
  assert.equal((await found('Racer')).length, 1)
})

test('of two who change one person at once, one is told', async () => {
  const { id } = await create({ name: 'Berta', roles: ['a'] })
  const change = (name: string) =>
    api.call('PATCH', `/users/${id}`, { name }, { 'if-match': '"1"' })
  const both = await Promise.all([change('Bertha'), change('Berte')])
  assert.deepEqual(both.map(({ status }) => status).sort(), [200, 412])
  const { body } = await api.call('PATCH', `/users/${id}`, { name: null, customData: { a: 1 } })
  assert.deepEqual(
    [body.name, body.roles, body.customData, body.version],
    [null, ['a'], { a: 1 }, 3],
  )
  const late = await api.call('DELETE', `/users/${id}`, undefined, { 'if-match': '"1"' })
  assert.equal(late.status, 412)
})

test('the help desk blocks and resets, and neither changes nor deletes', async () => {
  const desk = await as('desk', support)
  const reader = await as('reader', ['users:read'])
  const writer = await as('writer', ['users:read', 'users:write'])
  const calls: [string, string, unknown, string][] = [
    ['GET', '/users', undefined, 'read'],
    ['GET', '/users/ID', undefined, 'read'],
    ['POST', '/users', {}, 'write'],
    ['PATCH', '/users/ID', { name: 'X' }, 'write'],
    ['POST', '/users/ID/identifiers', email('desk@example.com'), 'write'],
    ['DELETE', '/users/ID/identifiers/email/desk@example.com', undefined, 'write'],
    ['POST', '/users/ID/block', undefined, 'support'],
    ['POST', '/users/ID/unblock', undefined, 'support'],
    ['POST', '/users/ID/sign-out', undefined, 'support'],
    ['DELETE', '/users/ID/sessions/none', undefined, 'support'],
    ['POST', '/users/ID/reset-factors', {}, 'support'],
    ['DELETE', '/users/ID', undefined, 'write'],
  ]
  const { id } = await create({})
  for (const [method, path, body, needs] of calls) {
    for (const [who, may] of [
      [reader, ['read']],
      [desk, ['read', 'support']],
      [writer, ['read', 'write']],
    ] as const) {
      const { status } = await who.call(method, path.replace('ID', id), body)
      const allowed = (may as readonly string[]).includes(needs)
      assert.equal(status === 403, !allowed, `${method} ${path}: ${status}`)
      assert.ok(status < 500)
    }
  }
})

test('what is nobody’s is not found, whatever is asked', async () => {
  const { id } = await create({ identifiers: [email('goner@example.com')] })
  assert.equal((await api.call('DELETE', `/users/${id}`)).status, 204)
  for (const who of [id, 'nobody', 'x'.repeat(129), '%F0%9F%98%80', "'--", '..%2F..']) {
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['PATCH', '', { name: 'X' }],
      ['DELETE', '', undefined],
      ['POST', '/block', undefined],
      ['POST', '/unblock', undefined],
      ['POST', '/sign-out', undefined],
      ['POST', '/reset-factors', {}],
      ['DELETE', '/sessions/abc', undefined],
      ['POST', '/identifiers', email('new@example.com')],
      ['DELETE', '/identifiers/email/goner@example.com', undefined],
      ['DELETE', '/identifiers/email/%E2%82%AC', undefined],
      ['DELETE', '/identifiers/shoe/42', undefined],
    ] as const) {
      const { status } = await api.call(method, `/users/${who}${path}`, body)
      assert.equal(status, 404, `${method} ${who}${path}`)
    }
  }
  assert.deepEqual(await found('goner@example.com'), [])
})

test('an admin is blocked, reset or deleted only by who may make admins', async () => {
  const owner = await create({ name: 'Olga Owner' })
  const helper = await create({ name: 'Hugo Helper' })
  await makeAdmin(owner.id, 'owner')
  await makeAdmin(helper.id, 'support')
  const all = ['users:read', 'users:write', 'users:support']
  const some = apiOf(server, await accessToken(server, 'ops', all))
  for (const { id } of [owner, helper]) {
    for (const [method, path, body] of [
      ['POST', '/block', undefined],
      ['POST', '/unblock', undefined],
      ['POST', '/reset-factors', {}],
      ['POST', '/identifiers', email('mine@example.com')],
      ['DELETE', '', undefined],
    ] as const) {
      const answer = await some.call(method, `/users/${id}${path}`, body)
      assert.equal(answer.status, 403, path)
      assert.match(answer.body.detail, /admins:write/)
    }
  }
  assert.equal((await some.call('GET', `/users/${owner.id}`)).body.admin, 'owner')
  assert.equal((await api.call('POST', `/users/${helper.id}/block`)).status, 200)
  for (const [method, path] of [
    ['POST', '/block'],
    ['DELETE', ''],
  ] as const) {
    const last = await api.call(method, `/users/${owner.id}${path}`)
    assert.equal(last.status, 409)
    assert.equal(last.body.code, 'last_owner')
  }
  assert.equal((await api.call('DELETE', `/users/${helper.id}`)).status, 204)
  await sql('delete from admins')
})

test('of the last two owners, one stays, however both are taken away', async () => {
  for (const [one, other] of [
    ['DELETE', 'DELETE'],
    ['POST', 'POST'],
    ['DELETE', 'POST'],
  ]) {
    const owners = [await create({}), await create({})]
    for (const { id } of owners) await makeAdmin(id, 'owner')
    const both = await Promise.all(
      [one!, other!].map((method, index) => {
        const path = `/users/${owners[index]!.id}`
        return api.call(method, method === 'DELETE' ? path : `${path}/block`)
      }),
    )
    const refused = both.filter(({ status }) => status === 409)
    assert.equal(refused.length, 1, JSON.stringify(both.map(({ status }) => status)))
    assert.equal(refused[0]!.body.code, 'last_owner')
    const left = await sql(
      'select 1 from admins a join users u on u.id = a.user_id where u.blocked_at is null',
    )
    assert.equal(left.length, 1)
    await sql('delete from admins')
  }
})
