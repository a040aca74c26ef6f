import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Webhook } from 'standardwebhooks'
import { type Received, receiver } from '../webhooks/receiver.ts'
import { accessToken, apiOf, ops, program, startManaged } from './api.ts'
import { logOf } from './log.ts'

const server = await startManaged(
  { after },
  { config: { clients: [program('reader', ['webhooks:read'])] } },
)
const api = await ops(server)
const log = logOf({ after }, server)

const create = async (url: string, events: string[] = ['test.*']) => {
  const { status, body } = await api.call('POST', '/webhooks', { url, events })
  assert.equal(status, 201, JSON.stringify(body))
  return body
}

const deliveriesOf = async (webhook: string, query = '') =>
  (await api.call('GET', `/webhook-deliveries?webhook=${webhook}${query}`)).body.data

/** What a webhook was told and waits for, once it is as meant. */
const settled = async (
  webhook: string,
  is: (deliveries: { state: string; attempts: number; nextAt: string | null }[]) => boolean,
) => {
  const deadline = Date.now() + 20_000
  for (;;) {
    const deliveries = await deliveriesOf(webhook)
    if (is(deliveries)) return deliveries
    assert.ok(Date.now() < deadline, JSON.stringify(deliveries))
    await sleep(50)
  }
}

const verified = (secret: string, { headers, body }: Received) =>
  new Webhook(secret).verify(body, headers as Record<string, string>)

const happened = (event: string, more: Record<string, unknown> = {}) =>
  log.happened({ event, ...more })

test('a webhook is told what it asks for, signed, and only with ids', async (t) => {
  const one = await receiver(t)
  const { id, secret } = await create(one.url, ['test.*', 'user.created'])
  assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/)
  await happened('test.first', {
    user_id: 'u1',
    client_id: 'c1',
    address: '192.0.2.1',
    detail: '{"name":"Ada"}',
    reference: 'r1',
  })
  await happened('tests.other')
  await happened('user.created.not')
  await happened('user.created')
  const first = await one.until(({ message }) => message.type === 'test.first')
  await one.until(({ message }) => message.type === 'user.created')
  assert.equal(one.received.length, 2)
  verified(secret, first)
  assert.throws(() => verified(`whsec_${btoa('x'.repeat(32))}`, first))
  const { eventId, ...data } = first.message.data
  assert.deepEqual(data, { userId: 'u1', clientId: 'c1' })
  assert.equal((await api.call('GET', `/audit/${eventId}`)).body.event, 'test.first')
  const told = await settled(id, (all) => all.every(({ state }) => state === 'delivered'))
  const older = told.find(({ event }: { event: string }) => event === 'test.first')
  assert.equal(told.length, 2)
  assert.equal(older.id, first.headers['webhook-id'])
  assert.equal(older.status, 204)
  const { body: whole } = await api.call('GET', `/webhook-deliveries/${older.id}`)
  assert.equal(whole.body, first.body)
})

test('a secret is shown when it is made and never again', async (t) => {
  const one = await receiver(t)
  const { id, secret } = await create(one.url)
  for (const path of ['/webhooks', `/webhooks/${id}`]) {
    const { body } = await api.call('GET', path)
    assert.equal(JSON.stringify(body).includes(secret), false)
  }
  const rows = await log.query('select to_jsonb(w)::text as row from webhooks w')
  const events = await log.query('select to_jsonb(e)::text as row from audit_events e')
  assert.equal(JSON.stringify([rows, events]).includes(secret), false)
  assert.equal(server.output().includes(secret), false)
})

test('while a secret is replaced both sign, and then the new one alone', async (t) => {
  const one = await receiver(t)
  const { id, secret } = await create(one.url)
  const { body } = await api.call('POST', `/webhooks/${id}/secret`, {})
  assert.ok(body.previousSecretUntil)
  await happened('test.both')
  const both = await one.until(({ message }) => message.type === 'test.both')
  verified(secret, both)
  verified(body.secret, both)
  await log.query(`update webhooks set previous_until = now() where id = $1`, [id])
  await happened('test.alone')
  const alone = await one.until(({ message }) => message.type === 'test.alone')
  verified(body.secret, alone)
  assert.throws(() => verified(secret, alone))
})

test('what fails is tried for a day, then dead, and sent again when somebody says so', async (t) => {
  const one = await receiver(t)
  one.behave((response) => response.writeHead(500).end('no'))
  const { id, secret } = await create(one.url)
  await happened('test.fails')
  const waits = [5, 300, 1800, 7200, 18_000, 36_000, 36_000]
  for (const [tries, wait] of waits.entries()) {
    // A try that is under way is held for a minute, so that nobody else takes it up.
    const isPlanned = async () => {
      const [row] = await log.query<{ wait: number; attempts: number }>(
        `select attempts, extract(epoch from next_at - attempted_at)::float8 as wait
           from webhook_deliveries where webhook_id = $1`,
        [id],
      )
      return row?.attempts === tries + 1 && Math.abs(row.wait - wait) < 3
    }
    for (const deadline = Date.now() + 20_000; !(await isPlanned()); await sleep(50)) {
      assert.ok(Date.now() < deadline, `try ${tries + 2} comes after ${wait} s`)
    }
    await log.query('update webhook_deliveries set next_at = now() where webhook_id = $1', [id])
  }
  const [dead] = await settled(id, ([each]) => each?.state === 'dead')
  assert.deepEqual([dead.attempts, dead.status, dead.nextAt], [8, 500, null])
  assert.equal((await deliveriesOf(id, '&state=dead')).length, 1)
  const { body: noted } = await api.call('GET', `/audit?event=webhook.delivery_dead&target=${id}`)
  assert.deepEqual(noted.data[0].detail, { delivery: dead.id, event: 'test.fails' })

  one.behave((response) => response.writeHead(200).end())
  const { status } = await api.call('POST', `/webhook-deliveries/${dead.id}/replay`)
  assert.equal(status, 200)
  await settled(id, ([each]) => each?.state === 'delivered')
  const ids = new Set(one.received.map(({ headers }) => headers['webhook-id']))
  assert.equal(ids.size, 1)
  verified(secret, one.received.at(-1)!)
})

test('one whose secret nothing opens any more fails, is found by the doctor, and gets another', async (t) => {
  const one = await receiver(t)
  const { id } = await create(one.url)
  await log.query(`update webhooks set secret = '\\x00' where id = $1`, [id])
  await happened('test.unsigned')
  const [failed] = await settled(id, ([each]) => each?.attempts === 1)
  const tried = async () => (await deliveriesOf(id))[0]
  for (const deadline = Date.now() + 20_000; !(await tried()).error; await sleep(50)) {
    assert.ok(Date.now() < deadline, 'the try is noted')
  }
  assert.deepEqual([(await tried()).state, (await tried()).error], ['pending', 'secret_unreadable'])
  await log.query(
    'update webhook_deliveries set attempts = 7, next_at = now() where webhook_id = $1',
    [id],
  )
  await settled(id, ([each]) => each?.state === 'dead')

  const { status, body } = await api.call('POST', `/webhooks/${id}/test`)
  assert.deepEqual([status, body.code], [409, 'secret_unreadable'])
  const found = async () => {
    const { body: told } = await api.call('GET', '/system/doctor')
    return told.data.filter(({ code }: { code: string }) => code === 'secrets.webhook')
  }
  assert.deepEqual(
    (await found()).map(({ values }: { values: object }) => values),
    [{ id }],
  )
  const { body: renewed } = await api.call('POST', `/webhooks/${id}/secret`, {})
  assert.deepEqual(await found(), [])
  await api.call('POST', `/webhook-deliveries/${failed.id}/replay`)
  await settled(id, ([each]) => each?.state === 'delivered')
  verified(renewed.secret, one.received[0]!)
})

test('a receiver that is gone for good is told nothing more', async (t) => {
  const one = await receiver(t)
  one.behave((response) => response.writeHead(410).end())
  const { id } = await create(one.url)
  await happened('test.gone')
  await settled(id, ([each]) => each?.state === 'dead')
  const { body } = await api.call('GET', `/webhooks/${id}`)
  assert.deepEqual([body.enabled, body.disabledReason], [false, 'gone'])
  const enabled = await api.call('PATCH', `/webhooks/${id}`, { enabled: true })
  assert.equal(enabled.body.disabledReason, null)
})

test('one that never answers, or never ends, keeps nobody waiting', async (t) => {
  const silent = await receiver(t)
  silent.behave(() => {})
  const endless = await receiver(t)
  endless.behave((response) => {
    response.writeHead(200)
    const more = () =>
      !response.destroyed && response.write(Buffer.alloc(65_536), () => setImmediate(more))
    more()
  })
  const well = await receiver(t)
  const { id } = await create(silent.url, ['crowd.*'])
  const { id: endlessId } = await create(endless.url, ['crowd.*'])
  const { id: wellId } = await create(well.url, ['crowd.*'])
  for (let at = 0; at < 30; at += 1) await happened('crowd.one')
  await settled(
    wellId,
    (all) => all.length === 25 && all.every(({ state }) => state === 'delivered'),
  )
  await settled(endlessId, (all) => all.every(({ state }) => state === 'delivered'))
  const waiting = await deliveriesOf(id)
  assert.ok(waiting.every(({ state }: { state: string }) => state === 'pending'))
  await api.call('DELETE', `/webhooks/${id}`)
})

test('a test is sent at once, and says what came of it', async (t) => {
  const one = await receiver(t)
  const { id, secret } = await create(one.url)
  const { body } = await api.call('POST', `/webhooks/${id}/test`)
  assert.deepEqual([body.status, body.error], [204, null])
  verified(secret, one.received[0]!)
  assert.equal(one.received[0]?.message.type, 'webhook.test')
  one.behave((response) => response.writeHead(302, { location: one.url }).end())
  assert.equal((await api.call('POST', `/webhooks/${id}/test`)).body.status, 302)
  assert.equal(one.received.length, 2)
})

test('addresses inside, and what makes no sense, are refused', async () => {
  const ok = { url: 'https://example.com/', events: ['*'] }
  const own = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
  const bodies = [
    { ...ok, url: 'https://10.0.0.1/' },
    { ...ok, url: 'https://169.254.169.254/latest' },
    { ...ok, url: 'http://example.com/' },
    { ...ok, url: 'https://example.com:22/' },
    { ...ok, events: [] },
    { ...ok, events: ['a*b'] },
    { ...ok, events: ['user.'] },
    { ...ok, secret: 'whsec_mine' },
    { ...ok, url: 'https://example.com/\0' },
    { ...ok, description: 'a\0b' },
    { ...ok, description: 'a\ud800b' },
    { url: ok.url },
  ]
  for (const body of bodies) {
    assert.equal((await api.call('POST', '/webhooks', body)).status, 422, JSON.stringify(body))
  }
  const { body: made } = await api.call('POST', '/webhooks', { ...ok, secret: own })
  assert.equal(made.secret, own)
  const twice = await api.call('POST', '/webhooks', { ...ok, id: made.id })
  assert.deepEqual([twice.status, twice.body.code], [409, 'already_exists'])
  const { status, body } = await api.call('PATCH', `/webhooks/${made.id}`, {
    url: 'https://[::1]x/',
  })
  assert.equal(status, 422)
  assert.equal(body.errors[0].path, 'url')
  for (const change of [{ id: 'other' }, { description: 'a\0b' }]) {
    assert.equal((await api.call('PATCH', `/webhooks/${made.id}`, change)).status, 422)
  }
  for (const path of ['/webhooks/x', '/webhook-deliveries/x']) {
    assert.equal((await api.call('GET', path)).status, 404)
  }
  assert.equal((await api.call('POST', '/webhook-deliveries/x/replay')).status, 404)
  assert.equal((await api.call('GET', '/webhooks?cursor=x')).status, 422)
})

test('of two changes to one version the second is told', async () => {
  const { id } = await create('https://example.com/')
  const { headers } = await api.call('GET', `/webhooks/${id}`)
  const version = { 'if-match': headers.get('etag')! }
  const change = (description: string) =>
    api.call('PATCH', `/webhooks/${id}`, { description }, version)
  const both = await Promise.all([change('one'), change('two')])
  assert.deepEqual(both.map(({ status }) => status).sort(), [200, 412])
  assert.equal((await api.call('DELETE', `/webhooks/${id}`, undefined, version)).status, 412)
  assert.equal((await api.call('DELETE', `/webhooks/${id}`)).status, 204)
  assert.equal((await api.call('DELETE', `/webhooks/${id}`)).status, 404)
})

test('whoever may read webhooks changes none', async () => {
  const reader = apiOf(server, await accessToken(server, 'reader', ['webhooks:read']))
  const { id } = await create('https://example.com/')
  assert.equal((await reader.call('GET', '/webhooks')).status, 200)
  assert.equal((await reader.call('GET', '/webhook-deliveries')).status, 200)
  const refused: [string, string, unknown?][] = [
    ['POST', '/webhooks', { url: 'https://example.com/', events: ['*'] }],
    ['PATCH', `/webhooks/${id}`, { enabled: false }],
    ['DELETE', `/webhooks/${id}`],
    ['POST', `/webhooks/${id}/secret`, {}],
    ['POST', `/webhooks/${id}/test`],
    ['POST', '/webhook-deliveries/x/replay'],
  ]
  for (const [method, path, body] of refused) {
    assert.equal((await reader.call(method, path, body)).status, 403, `${method} ${path}`)
  }
})
