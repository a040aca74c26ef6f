import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Api, accessToken, apiOf, program } from '../admin/api.ts'
import { database, newMember, startProvider } from '../oidc/provider.ts'
import { hearingParty, validate } from './party.ts'

const shop = await hearingParty({ after }, 'shop')
const slow = await hearingParty({ after }, 'slow')
const server = await startProvider({ after }, [shop, slow], {
  config: {
    clients: [shop.registration, slow.registration, program('ops')],
  },
})
const sql = database({ after }, server)
let api: Api
before(async () => {
  api = apiOf(server, await accessToken(server, 'ops'))
})

const patienceMs = 15_000

interface Row {
  state: string
  attempts: number
  status: number | null
  error: string | null
  seconds: number
}
const newsOf = async (sid: unknown): Promise<Row | undefined> => {
  const [row] = await sql<Row>(
    `select state, attempts, status, error, extract(epoch from next_at - now())::float as seconds
       from logout_deliveries where sid = $1`,
    [sid],
  )
  return row
}

const until = async (sid: unknown, is: (row: Row) => boolean): Promise<Row> => {
  const deadline = Date.now() + patienceMs
  for (;;) {
    const row = await newsOf(sid)
    if (row && is(row)) return row
    assert.ok(Date.now() < deadline, JSON.stringify(row))
    await sleep(20)
  }
}

/** As if its time had come. */
const hurry = (sid: unknown) =>
  sql('update logout_deliveries set next_at = now() where sid = $1', [sid])

/** Somebody who is signed in with these, and then is not. */
const signOutOf = async (...parties: (typeof shop)[]) => {
  const member = newMember(server)
  const sids: unknown[] = []
  let sub = ''
  for (const party of parties) {
    const claims = (await member.signIn(party)).claims()!
    sids.push(claims.sid)
    sub = claims.sub
  }
  assert.equal((await api.call('POST', `/users/${sub}/sign-out`)).status, 200)
  return { sub, sids }
}

test('an application that fails is told again, each time with a token made anew', async () => {
  const answers = [503, 500, 302, 202, 204]
  shop.answer((response, _heard, number) =>
    response.writeHead(answers[number - 1]!, { location: 'http://127.0.0.1:1/' }).end(),
  )
  const { sub, sids } = await signOutOf(shop)
  const [sid] = sids
  for (const [index, status] of answers.slice(0, -1).entries()) {
    const row = await until(
      sid,
      ({ attempts, status }) => attempts === index + 1 && status !== null,
    )
    assert.deepEqual([row.state, row.status], ['pending', status])
    await sql('update logout_deliveries set status = null, next_at = now() where sid = $1', [sid])
  }
  assert.equal((await until(sid, ({ state }) => state !== 'pending')).state, 'delivered')
  const seen = new Set<string>()
  const said = shop.heard.filter(({ claims }) => claims.sid === sid)
  assert.equal(said.length, answers.length)
  for (const each of said) {
    const claims = await validate(server, each, { clientId: 'shop', alg: 'RS256', seen })
    assert.equal(claims.sub, sub)
  }
  shop.answer((response) => response.writeHead(200).end())
})

test('it waits longer each time, gives up within a day, and says so', async () => {
  shop.answer((response) => response.writeHead(500).end())
  const { sub, sids } = await signOutOf(shop)
  const [sid] = sids
  let waited = 0
  let last = 0
  for (let attempt = 1; ; attempt++) {
    const row = await until(sid, ({ attempts, status }) => attempts === attempt && status !== null)
    if (row.state === 'dead') break
    assert.ok(row.seconds > last, `${row.seconds} after ${last}`)
    last = row.seconds
    waited += row.seconds
    await sql('update logout_deliveries set status = null, next_at = now() where sid = $1', [sid])
  }
  assert.ok(waited > 20 * 3600 && waited < 24 * 3600, `${waited / 3600} hours`)
  const noted = await sql(
    `select client_id, result from audit_events
      where user_id = $1 and event = 'logout.delivery_failed'`,
    [sub],
  )
  assert.deepEqual(noted, [{ client_id: 'shop', result: '500' }])
  const { body } = await api.call('GET', '/clients/shop/logout-failures')
  const [newest] = body.data
  assert.deepEqual(
    [newest.userId, newest.sid, newest.state, newest.status, newest.nextAt],
    [sub, sid, 'dead', 500, null],
  )
  const numbers = await (await fetch(`${server.metricsAddress}/metrics`)).text()
  assert.match(numbers, /avouch_backchannel_logouts_total\{state="dead"\} 1/)
  shop.answer((response) => response.writeHead(200).end())
})

test('an application that does not take the token is not told the same again', async () => {
  shop.answer((response) => response.writeHead(400).end('{"error":"invalid_request"}'))
  const { sids } = await signOutOf(shop)
  const row = await until(sids[0], ({ state }) => state !== 'pending')
  assert.deepEqual([row.state, row.status, row.attempts], ['dead', 400, 1])
  shop.answer((response) => response.writeHead(200).end())
})

test('one that does not answer holds up nobody else', async () => {
  slow.answer(() => {})
  const stuck = await Promise.all(Array.from({ length: 12 }, () => signOutOf(slow)))
  const { sids } = await signOutOf(slow, shop)
  await shop.untilEnded(sids[1])
  await until(sids[1], ({ state }) => state === 'delivered')
  const waiting = await sql<{ attempts: number }>(
    `select attempts from logout_deliveries where client_id = 'slow' and state = 'pending'`,
  )
  assert.equal(waiting.length, stuck.length + 1, 'none of them has been answered')
  assert.ok(waiting.filter(({ attempts }) => attempts > 0).length <= 8, 'at most eight at a time')
  slow.answer((response) => response.writeHead(200).end())
  await sql(`delete from logout_deliveries where client_id = 'slow'`)
})

test('what was not sent when the process was killed is sent by the next one', async () => {
  const member = newMember(server)
  const { sub, sid } = (await member.signIn(shop)).claims()!
  // Whoever had claimed it is gone, as its lease is over.
  shop.answer(() => {})
  assert.equal((await api.call('POST', `/users/${sub}/block`)).status, 200)
  await server.kill()
  shop.answer((response) => response.writeHead(200).end())
  const before = shop.heard.filter(({ claims }) => claims.sid === sid).length
  await hurry(sid)
  await server.start()
  await until(sid, ({ state }) => state === 'delivered')
  assert.equal(shop.heard.filter(({ claims }) => claims.sid === sid).length, before + 1)
})

test('an application that is deleted, or wants to be told no more, is not told', async () => {
  api = apiOf(server, await accessToken(server, 'ops'))
  const made = await api.call('POST', '/clients', {
    client_id: 'brief',
    redirect_uris: ['https://brief.example/callback'],
    backchannel_logout_uri: String(shop.registration.backchannel_logout_uri),
  })
  assert.equal(made.status, 201)
  assert.equal(made.body.backchannel_logout_session_required, false)
  const wait = `insert into logout_deliveries (client_id, account_id, sid, next_at)
    values ('brief', 'anna', $1, now() + interval '1 hour')`
  await sql(wait, ['first'])
  await api.call('PATCH', '/clients/brief', { backchannel_logout_uri: null })
  await hurry('first')
  const deadline = Date.now() + patienceMs
  while (await newsOf('first')) {
    assert.ok(Date.now() < deadline)
    await sleep(20)
  }
  await sql(wait, ['second'])
  assert.equal((await api.call('DELETE', '/clients/brief')).status, 204)
  assert.equal(await newsOf('second'), undefined)
  assert.ok(shop.heard.every(({ claims }) => claims.sid !== 'first' && claims.sid !== 'second'))
})

test('an address that this server may not call is refused where it is entered', async () => {
  for (const uri of [
    'http://shop.example/logout',
    'https://10.0.0.1/logout',
    'https://[::ffff:10.0.0.1]/logout',
    'https://shop.example:8443/logout',
    'https://shop.example/logout#x',
    'javascript:alert(1)',
  ]) {
    const { status, body } = await api.call('PATCH', '/clients/shop2', {
      backchannel_logout_uri: uri,
    })
    assert.equal(status, 422, uri)
    assert.equal(body.errors[0].path, 'backchannel_logout_uri', uri)
  }
})
