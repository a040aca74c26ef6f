import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Work } from '#src/works/index.ts'
import { startServers } from '../support/several-servers.ts'
import { type Api, accessToken, apiOf, ops, program, startManaged } from './api.ts'
import { sqlOf } from './people.ts'

const server = await startManaged(
  { after },
  { config: { clients: [program('reader', ['users:read']), program('nobody', ['clients:read'])] } },
)
const api = await ops(server)

const csvOf = (lines: readonly string[]) => ['id,email,email_verified', ...lines].join('\n')

const upload = (by: Api, file: string, query = 'format=csv', type = 'text/csv') =>
  by.call('POST', `/users/import?${query}`, file, { 'content-type': type })

const finished = async (by: Api, id: string) => {
  for (;;) {
    const { status, body } = await by.call('GET', `/works/${id}`)
    assert.equal(status, 200)
    if (!['uploading', 'waiting', 'running'].includes(body.state)) return body
    await sleep(50)
  }
}

test('a file is imported, followed, reported and noted', async () => {
  const lines = [
    'w1,w1@example.com,true',
    '=bad,not an address,true',
    'w2,w2@example.com,false',
    'w1,x@y.ch,',
  ]
  const { status, body } = await upload(api, csvOf(lines))
  assert.equal(status, 202, JSON.stringify(body))
  assert.equal(body.kind, 'users.import')
  const done = await finished(api, body.id)
  assert.deepEqual(
    [done.state, done.total, done.done, done.added, done.existing, done.refused, done.error],
    ['done', 4, 4, 2, 1, 1, null],
  )
  assert.deepEqual(done.options, { format: 'csv', dryRun: false })
  assert.deepEqual(done.createdBy, { kind: 'client', id: 'ops' })
  const { body: refusals } = await api.call('GET', `/works/${body.id}/refusals`)
  assert.deepEqual(refusals, {
    data: [{ line: 3, subject: '=bad', reason: 'email "not": That is not an email address.' }],
    next: null,
  })
  const report = await api.call('GET', `/works/${body.id}/report`)
  assert.match(report.headers.get('content-type')!, /^text\/csv/)
  assert.match(report.headers.get('content-disposition')!, /attachment; filename="refused-/)
  assert.match(report.body, /\r\n3,'=bad,/)
  const { body: w1 } = await api.call('GET', '/users/w1')
  assert.deepEqual(
    w1.identifiers.map(({ value, verified }: Record<string, unknown>) => [value, verified]),
    [['w1@example.com', true]],
  )
  const { body: events } = await api.call('GET', `/audit?target=${body.id}`)
  assert.deepEqual(
    events.data.map(({ event }: { event: string }) => event),
    ['work.finished', 'users.import'],
  )
  assert.doesNotMatch(JSON.stringify(events), /example\.com/)
  const { body: list } = await api.call('GET', '/works?limit=1')
  assert.equal(list.data[0].id, body.id)
})

test('a trial adds nobody and says what would come of it', async () => {
  const { body } = await upload(api, csvOf(['t1,t1@example.com,true']), 'format=csv&dryRun=true')
  const done = await finished(api, body.id)
  assert.deepEqual([done.state, done.added], ['done', 1])
  assert.equal((await api.call('GET', '/users/t1')).status, 404)
})

test('what can not be imported is refused before anything is begun, or fails with words', async () => {
  const good = csvOf(['r1,r1@example.com,true'])
  const cases: [string, string, string, number][] = [
    [good, '', 'text/csv', 422],
    [good, 'format=shoe', 'text/csv', 422],
    [good, 'format=csv&dryRun=maybe', 'text/csv', 422],
    [good, 'format=csv&other=1', 'text/csv', 422],
    [good, 'format=csv', 'text/html', 415],
    [good, 'format=csv', 'application/x-www-form-urlencoded', 415],
    ['', 'format=csv', 'text/csv', 422],
  ]
  for (const [file, query, type, expected] of cases) {
    const { status, body } = await upload(api, file, query, type)
    assert.equal(status, expected, JSON.stringify([query, type, body]))
  }
  const { body } = await upload(api, '{"not":"closed"', 'format=auth0', 'application/json')
  const failed = await finished(api, body.id)
  assert.deepEqual(
    [failed.state, failed.error],
    ['failed', 'The file ends in the middle (line 1).'],
  )
  assert.equal((await api.call('GET', '/users/r1')).status, 404)
})

test('a file takes no key that would have another one for the same', async () => {
  const key = { 'content-type': 'text/csv', 'idempotency-key': 'one-for-two-files' }
  for (const id of ['i1', 'i2']) {
    const file = csvOf([`${id},${id}@example.com,true`])
    const { status, body } = await api.call('POST', '/users/import?format=csv', file, key)
    assert.deepEqual([status, body.code], [400, 'bad_request'])
    assert.match(body.detail, /no Idempotency-Key/)
    const begun = await upload(api, file)
    assert.equal((await finished(api, begun.body.id)).added, 1)
  }
  const { body: document } = await api.call('GET', '/openapi.json')
  const headers = document.paths['/users/import'].post.parameters.map(
    ({ name }: { name: string }) => name,
  )
  assert.deepEqual(headers, ['format', 'dryRun'])
})

test('a file that is too long is not read, and one that breaks off is forgotten', async () => {
  const head = (length: number) =>
    [
      'POST /api/users/import?format=csv HTTP/1.1',
      `Host: ${new URL(server.baseUrl).host}`,
      `Authorization: Bearer ${api.token}`,
      'Content-Type: text/csv',
      `Content-Length: ${length}`,
      '',
      'id,email\nbroken,broken@example.com\n',
    ].join('\r\n')
  const send = async (text: string) => {
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(server.address).port) })
    await once(socket, 'connect')
    socket.write(text)
    return socket
  }
  const long = await send(head(600 * 1024 * 1024))
  const [answer] = await once(long, 'data')
  assert.match(String(answer), /^HTTP\/1.1 413 /)
  long.destroy()

  const broken = await send(head(1000))
  const states = async () =>
    (await api.call('GET', '/works?limit=100')).body.data.map(({ state }: Work) => state)
  while (!(await states()).includes('uploading')) await sleep(20)
  broken.destroy()
  while ((await states()).includes('uploading')) await sleep(20)
  assert.equal((await states())[0], 'cancelled')
  assert.equal((await api.call('GET', '/users/broken')).status, 404)
})

test('reading is one thing, importing and taking everybody along another', async () => {
  const reader = apiOf(server, await accessToken(server, 'reader', ['users:read']))
  const nobody = apiOf(server, await accessToken(server, 'nobody', ['clients:read']))
  const { body } = await upload(api, csvOf(['s1,s1@example.com,true']))
  await finished(api, body.id)
  const calls: [string, string, number, number][] = [
    ['GET', '/works', 200, 403],
    ['GET', `/works/${body.id}`, 200, 403],
    ['GET', `/works/${body.id}/refusals`, 200, 403],
    ['GET', `/works/${body.id}/report`, 200, 403],
    ['POST', `/works/${body.id}/cancel`, 403, 403],
    ['GET', '/users/export', 403, 403],
    ['GET', '/users/export/with-passwords', 403, 403],
    ['POST', '/users/export', 403, 403],
    ['POST', '/users/export/with-passwords', 403, 403],
    ['GET', `/works/${body.id}/file`, 403, 403],
    ['GET', `/works/${body.id}/file/with-passwords`, 403, 403],
    ['GET', '/works/none', 404, 403],
    ['GET', '/works/none/report', 404, 403],
    ['GET', '/works/..%2f', 404, 403],
    ['GET', '/works?cursor=x', 422, 403],
  ]
  for (const [method, path, asReader, asNobody] of calls) {
    assert.equal((await reader.call(method, path)).status, asReader, path)
    assert.equal((await nobody.call(method, path)).status, asNobody, path)
  }
  assert.equal((await upload(reader, csvOf(['no,no@example.com,true']))).status, 403)
  const late = await api.call('POST', `/works/${body.id}/cancel`)
  assert.deepEqual([late.status, late.body.code], [409, 'work_ended'])
})

test('everybody is exported as lines of JSON or as CSV, hashes only where asked for', async () => {
  const hash = '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'
  const file = `id,email,email_verified,password_hash\nx1,x1@example.com,true,${hash}`
  await finished(api, (await upload(api, file)).body.id)
  const lines = await api.call('GET', '/users/export')
  assert.match(lines.headers.get('content-type')!, /ndjson/)
  const people = String(lines.body)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const x1 = people.find(({ id }) => id === 'x1')
  assert.deepEqual(x1.identifiers, [{ type: 'email', value: 'x1@example.com', verified: true }])
  assert.ok(!('passwordHash' in x1))
  const asCsv = await api.call('GET', '/users/export?format=csv')
  assert.match(asCsv.body, /^id,email,email_verified,.*custom_data\r\n/)
  assert.doesNotMatch(asCsv.body, /\$2a\$/)
  const whole = await api.call('GET', '/users/export/with-passwords?format=csv')
  assert.ok(whole.body.includes(hash))
  const { body: events } = await api.call('GET', '/audit?event=users.exported&actor=ops')
  assert.deepEqual(
    events.data.map(({ detail }: { detail: { passwords: boolean } }) => detail.passwords),
    [true, false, false],
  )
})

test('an export is a work, whose file is there for a day and noted when it is fetched', async () => {
  const hash = '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'
  const file = `id,email,email_verified,name,password_hash\ny1,y1@example.com,true,Zoë,${hash}`
  await finished(api, (await upload(api, file)).body.id)
  const begin = async (path: string, body: object) => {
    const { status, body: work } = await api.call('POST', path, body)
    assert.equal(status, 202, JSON.stringify(work))
    return finished(api, work.id)
  }
  const plain = await begin('/users/export', { format: 'ndjson' })
  assert.deepEqual([plain.state, plain.done], ['done', plain.total])
  assert.equal(Date.parse(plain.fileUntil) - Date.parse(plain.finishedAt), 24 * 3_600_000)
  const lines = await api.call('GET', `/works/${plain.id}/file`)
  assert.match(lines.headers.get('content-type')!, /ndjson/)
  assert.equal(lines.body, (await api.call('GET', '/users/export')).body)
  assert.match(lines.body, /"name":"Zoë"/)
  assert.ok(!lines.body.includes(hash))
  assert.equal((await api.call('GET', `/works/${plain.id}/file/with-passwords`)).status, 404)

  const whole = await begin('/users/export/with-passwords', { format: 'csv' })
  assert.equal((await api.call('GET', `/works/${whole.id}/file`)).status, 404)
  const withHashes = await api.call('GET', `/works/${whole.id}/file/with-passwords`)
  assert.ok(withHashes.body.includes(hash))
  const { body: events } = await api.call('GET', `/audit?target=${whole.id}`)
  assert.deepEqual(
    events.data.map(({ event }: { event: string }) => event),
    ['users.exported', 'work.finished', 'users.export'],
  )
})

test('of two processes that are killed in the middle, another goes on, and nobody is there twice', async (t) => {
  const several = await startServers(t, 2, { config: { clients: [program('ops')] } })
  const sql = sqlOf(t, several)
  const both = apiOf(several, await accessToken(several, 'ops'))
  const count = 20_000
  const emails = Array.from({ length: count }, (_, at) => `k${at}@example.com`)
  // Nothing but the note of how far it came tells these rows apart from new ones.
  const { body } = await upload(
    both,
    ['email,name', ...emails.map((each) => `${each},Kim`)].join('\n'),
  )
  const progress = async () =>
    (await sql<{ done: number }>('select done from works where id = $1', [body.id]))[0]!.done
  const reaches = async (least: number) => {
    while ((await progress()) < least) await sleep(20)
  }
  await reaches(1000)
  await several.servers[0]!.kill()
  await several.servers[0]!.start()
  const between = await progress()
  await several.servers[1]!.kill()
  await several.servers[1]!.start()
  const done = await finished(both, body.id)
  assert.ok(between >= 1000)
  assert.deepEqual([done.state, done.added, done.refused], ['done', count, 0])
  const [row] = await sql<{ users: string; emails: string }>(
    `select count(*) as users, count(distinct i.value) as emails
       from users u join identifiers i on i.user_id = u.id where u.name = 'Kim'`,
  )
  assert.deepEqual([Number(row!.users), Number(row!.emails)], [count, count])
})
