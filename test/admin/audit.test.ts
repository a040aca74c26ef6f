import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { accessToken, apiOf, ops, program, startManaged } from './api.ts'
import { logOf } from './log.ts'

const server = await startManaged(
  { after },
  { config: { clients: [program('counter', ['statistics:read'])] } },
)
const api = await ops(server)
const log = logOf({ after }, server)

interface Listed {
  id: string
  at: string
  event: string
  result: string | null
  interaction: string | null
  detail: unknown
}

const found = async (query: Record<string, string>): Promise<Listed[]> => {
  const all: Listed[] = []
  let cursor: string | null = null
  do {
    const asked: Record<string, string> = { ...query, ...(cursor ? { cursor } : {}) }
    const { status, body } = await api.call('GET', `/audit?${new URLSearchParams(asked)}`)
    assert.equal(status, 200, JSON.stringify(body))
    all.push(...body.data)
    cursor = body.next
  } while (cursor)
  return all
}

const results = async (query: Record<string, string>) =>
  (await found(query)).map(({ result }) => result)

test('what happened is found by each of its properties, the newest first', async () => {
  const at = (day: number) => new Date(Date.UTC(2026, 0, day))
  await log.happened(
    { at: at(1), event: 'thing.made', result: 'a', user_id: 'u1', client_id: 'c1', method: 'totp' },
    { at: at(2), event: 'thing.made.twice', result: 'b', connector: 'mail', channel: 'email' },
    {
      at: at(3),
      event: 'thingy',
      result: 'c',
      country: 'CH',
      channel: 'sms',
      address: '192.0.2.7',
    },
    {
      at: at(4),
      event: 'connector.changed',
      result: 'd',
      target: 'mail',
      actor_id: 'boss',
      actor_kind: 'person',
    },
    { at: at(5), event: 'thing.gone', result: 'e', reference: 'ref-1', address: '2001:db8::7' },
    {
      at: at(6),
      event: 'thing.gone',
      result: 'f',
      interaction_uid: 'i1',
      detail: '{"why":"100% sure"}',
    },
    { at: at(6), event: 'thing.gone', result: 'g', address: 'no address' },
  )
  const within = { since: at(1).toISOString(), until: at(7).toISOString() }
  const cases: [Record<string, string>, string][] = [
    [{}, 'gfedcba'],
    [{ limit: '2' }, 'gfedcba'],
    [{ event: 'thing.*' }, 'gfeba'],
    [{ event: 'thing*' }, 'gfecba'],
    [{ event: '*' }, 'gfedcba'],
    [{ event: 'thing.made' }, 'a'],
    [{ result: 'c' }, 'c'],
    [{ user: 'u1' }, 'a'],
    [{ client: 'c1' }, 'a'],
    [{ method: 'totp' }, 'a'],
    [{ connector: 'mail' }, 'db'],
    [{ channel: 'email' }, 'b'],
    [{ country: 'CH' }, 'c'],
    [{ address: '192.0.2.7' }, 'c'],
    [{ address: '192.0.2.0/24' }, 'c'],
    [{ address: '2001:db8::/32' }, 'e'],
    [{ address: '198.51.100.0/24' }, ''],
    [{ actor: 'boss' }, 'd'],
    [{ reference: 'ref-1' }, 'e'],
    [{ interaction: 'i1' }, 'f'],
    [{ target: 'mail' }, 'd'],
    [{ text: '100% SURE' }, 'f'],
    [{ text: '100_' }, ''],
    [{ event: 'thing.*', channel: 'email', connector: 'mail', limit: '1' }, 'b'],
    [{ since: at(3).toISOString(), until: at(5).toISOString() }, 'dc'],
  ]
  for (const [query, expected] of cases) {
    assert.equal((await results({ ...within, ...query })).join(''), expected, JSON.stringify(query))
  }
  const [one] = await found({ ...within, interaction: 'i1' })
  assert.deepEqual(one?.detail, { why: '100% sure' })
  const read = await api.call('GET', `/audit/${one?.id}`)
  assert.deepEqual(read.body, one)
})

test('what makes no sense is refused', async () => {
  const cases = [
    'event=a*b',
    'event=*.a',
    'address=1.2.3',
    'address=1.2.3.4/33',
    'address=1.2.3.4/24/8',
    'address=fe80::1%25eth0',
    'country=ch',
    'since=yesterday',
    'channel=pigeon',
    'cursor=nonsense',
    `cursor=${Buffer.from('["99999999999999999","1"]').toString('base64url')}`,
    `cursor=${Buffer.from('["1","9999999999999999999"]').toString('base64url')}`,
    `cursor=${Buffer.from('["1"]').toString('base64url')}`,
    'shoes=1',
    'limit=101',
  ]
  for (const query of cases) {
    const { status } = await api.call('GET', `/audit?${query}`)
    assert.equal(status, 422, query)
  }
  for (const path of [
    '/audit/0',
    '/audit/x',
    '/audit/99999999999999999999',
    '/audit/interactions/x',
  ]) {
    assert.equal((await api.call('GET', path)).status, 404, path)
  }
  const last = Buffer.from('["9999999999999999","999999999999999999"]').toString('base64url')
  assert.equal((await api.call('GET', `/audit?cursor=${last}`)).status, 200)
})

test('a rare thing among many is found over several quick pages', async () => {
  await log.query(
    `insert into audit_events (at, event, result)
     select now() - interval '200 days' + n * interval '1 second', 'crowd', case n when 7 then 'rare' end
       from generate_series(1, 50000) n`,
  )
  assert.deepEqual(await results({ event: 'crowd', result: 'rare' }), ['rare'])
  const { body } = await api.call('GET', '/audit?event=crowd&result=rare')
  assert.deepEqual(body.data, [])
  assert.equal(typeof body.next, 'string')
})

test('a rare event of a client is found at once, and an event of a rare client', async () => {
  await log.query(
    `insert into audit_events (at, event, client_id)
     select now() - interval '300 days' + n * interval '1 second', 'often.' || kind, client
       from (select 1 as n, 'lost' as kind, 'small' as client
             union all select 2, 'seldom', 'big'
             union all select 10 + n, 'lost', 'big' from generate_series(1, 25000) n) events`,
  )
  const clients = async (query: string) => {
    const { body } = await api.call('GET', `/audit?${query}`)
    return body.data.map(({ client }: { client: string }) => client)
  }
  assert.deepEqual(await clients('event=often.lost&client=small'), ['small'])
  assert.deepEqual(await clients('event=often.seldom&client=big'), ['big'])
  assert.equal((await found({ event: 'often.lost', client: 'big', limit: '100' })).length, 25_000)
  const rest = { event: 'often.lost', client: 'big', result: 'none' }
  assert.deepEqual(await found(rest), [])
})

test('an export has everything once, and no cell that a spreadsheet computes', async () => {
  const evil = ['=1+1', '+1', '-1', '@a', '\ta', '\ra', 'a,"b"\nc', 'plain']
  await log.happened(...evil.map((target) => ({ event: 'export.this', target, detail: '{"a":1}' })))
  const csv = await api.call('GET', '/audit/export?format=csv&event=export.this')
  assert.equal(csv.status, 200)
  assert.match(csv.headers.get('content-type') ?? '', /^text\/csv/)
  assert.match(csv.headers.get('content-disposition') ?? '', /attachment; filename="audit-.*\.csv"/)
  const cells = String(csv.body)
    .split('\r\n')
    .slice(1, -1)
    .map((line) => /,((?:"(?:[^"]|"")*")|[^,]*),"\{""a"":1\}"$/.exec(line)?.[1])
  assert.deepEqual(cells, [
    'plain',
    '"a,""b""\nc"',
    '"\'\ra"',
    "'\ta",
    "'@a",
    "'-1",
    "'+1",
    "'=1+1",
  ])

  const lines = String((await api.call('GET', '/audit/export?format=ndjson&event=crowd')).body)
  const ids = lines
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).id)
  assert.equal(ids.length, 50_000)
  assert.equal(new Set(ids).size, 50_000)
  const [noted] = await found({ event: 'audit.exported', limit: '1' })
  assert.deepEqual(noted?.detail, { format: 'ndjson', event: 'crowd' })
})

test('nobody changes or deletes what happened', async () => {
  for (const statement of [
    `update audit_events set event = 'other'`,
    `delete from audit_events`,
    `update audit_events set event = 'other' where id = 0`,
  ]) {
    await assert.rejects(log.query(statement), /append-only/)
  }
})

test('the log is for those who may read it', async () => {
  const counter = apiOf(server, await accessToken(server, 'counter', ['statistics:read']))
  for (const path of ['/audit', '/audit/1', '/audit/export?format=csv', '/audit/interactions/i1']) {
    assert.equal((await counter.call('GET', path)).status, 403, path)
  }
  assert.equal((await counter.call('GET', '/statistics/overview')).status, 200)
})
