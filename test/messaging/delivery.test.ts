import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testOnBoth, withDatabase } from '../support/database.ts'
import { dump, recordOf, setUp } from './support.ts'

const sms = (label: string, more: object = {}) => ({
  id: label,
  connector: 'test-sms',
  config: { label },
  ...more,
})

testOnBoth(
  'a message is sent by the instance of its channel, and its body is erased',
  async (t, db) => {
    const { service, queue, sms: vendor } = await setUp(t, db, { instances: [sms('main')] })
    const id = await queue()
    assert.equal(await service.state(id), 'queued')
    assert.ok((await recordOf(db, id)).body)
    await service.send(id)

    assert.equal(await service.state(id), 'accepted')
    const { id: sent, to, text } = vendor.taken[0]!
    assert.deepEqual([sent, to], [id, '+41791234567'])
    assert.match(text, /482913[\s\S]*secret-link/)
    const { body, reference, connector_id, attempts, recipient_masked, finished_at } =
      await recordOf(db, id)
    assert.deepEqual(
      { body, reference, connector_id, attempts, recipient_masked },
      {
        body: null,
        reference: `main-${id}`,
        connector_id: 'main',
        attempts: 1,
        recipient_masked: '+41•••67',
      },
    )
    assert.ok(finished_at)
  },
)

testOnBoth(
  'whoever asks to send one message at the same moment, it is sent once',
  async (t, db) => {
    const { open, queue, sms: vendor, service } = await setUp(t, db, { instances: [sms('main')] })
    const other = await open()
    const id = await queue()
    await Promise.all(Array.from({ length: 50 }, (_, i) => (i % 2 ? service : other).send(id)))
    await service.send(id)
    assert.equal(vendor.taken.length, 1)
  },
)

test('a message whose transaction is undone is never sent', async (t) => {
  const db = await withDatabase(t)
  const { service, sms: vendor } = await setUp(t, db, { instances: [sms('main')] })
  const undone = db.transaction(async (tx) => {
    await service.queue(tx, {
      id: 'd1',
      channel: 'sms',
      to: '+41791234567',
      usageType: 'SignIn',
      locale: 'en',
      ttlSeconds: 60,
      variables: {
        code: '1',
        link: null,
        expiresInMinutes: 1,
        applicationName: '',
        userName: null,
      },
      interactionUid: null,
      clientId: null,
    })
    throw new Error('undone')
  })
  await assert.rejects(undone, /undone/)
  await service.send('d1')
  assert.equal(await service.state('d1'), null)
  assert.equal(vendor.calls.length, 0)
})

for (const [failure, state, asked] of [
  ['unavailable', 'accepted', ['first', 'second']],
  ['rate_limited', 'accepted', ['first', 'second']],
  ['misconfigured', 'accepted', ['first', 'second']],
  ['rejected', 'failed', ['first']],
  ['unknown_outcome', 'unknown', ['first']],
] as const) {
  test(`after ${failure}, ${asked.length > 1 ? 'the next instance is asked' : 'nobody else is'}`, async (t) => {
    const db = await withDatabase(t)
    const {
      queue,
      service,
      sms: vendor,
    } = await setUp(t, db, {
      instances: [
        sms('second', { priority: 2 }),
        sms('first', { priority: 1, config: { label: 'first', failure } }),
      ],
    })
    const id = await queue()
    await service.send(id)
    assert.equal(await service.state(id), state)
    assert.deepEqual(vendor.calls, asked)
    const { body, connector_id } = await recordOf(db, id)
    assert.equal(body, null)
    assert.equal(connector_id, asked.at(-1))
  })
}

test('where everybody fails, the record says who said what, without the recipient', async (t) => {
  const db = await withDatabase(t)
  const {
    deliver,
    queue,
    service,
    sms: vendor,
    logged,
  } = await setUp(t, db, { instances: [sms('main')] })
  vendor.reaction = 'rejected'
  const id = await queue()
  await service.send(id)
  const { state, failure, vendor_code, vendor_words } = await recordOf(db, id)
  assert.deepEqual(
    { state, failure, vendor_code, vendor_words },
    { state: 'failed', failure: 'rejected', vendor_code: '42', vendor_words: '••• was refused' },
  )
  assert.match(logged.at(-1)!, /rejected.*Message failed/)

  vendor.reaction = () => Promise.reject(new TypeError('a bug'))
  assert.equal(await deliver(), 'unknown')
})

test('a number is sent by an instance for its country', async (t) => {
  const db = await withDatabase(t)
  const {
    deliver,
    service,
    sms: vendor,
  } = await setUp(t, db, {
    instances: [
      sms('german', { priority: 1, countries: ['DE'] }),
      sms('swiss', { priority: 2, countries: ['CH'] }),
    ],
  })
  assert.equal(await deliver({ to: '+41791234567' }), 'accepted')
  assert.equal(await deliver({ to: '+4915112345678' }), 'accepted')
  assert.equal(await deliver({ to: '+33612345678' }), 'failed')
  assert.deepEqual(vendor.calls, ['swiss', 'german'])
  assert.equal(service.serves('sms'), true)
  assert.equal(service.serves('sms', '+41791234567'), true)
  assert.equal(service.serves('sms', '+33612345678'), false)
  assert.equal(service.serves('email'), false)
})

test('a vendor that is down is asked five times, then left alone for 15 s, then once more', async (t) => {
  const db = await withDatabase(t)
  const { deliver, clock, sms: vendor } = await setUp(t, db, { instances: [sms('main')] })
  vendor.reaction = 'unavailable'
  for (let time = 0; time < 20; time += 1) assert.equal(await deliver(), 'failed')
  assert.equal(vendor.calls.length, 5)

  clock.ms += 15_000
  await deliver()
  await deliver()
  assert.equal(vendor.calls.length, 6)

  clock.ms += 15_000
  vendor.reaction = 'take'
  assert.equal(await deliver(), 'accepted')
  assert.equal(await deliver(), 'accepted')
})

test('a vendor that asks for patience gets it', async (t) => {
  const db = await withDatabase(t)
  const { deliver, clock, sms: vendor } = await setUp(t, db, { instances: [sms('main')] })
  vendor.reaction = 'rate_limited'
  vendor.retryAfterSeconds = 60
  assert.equal(await deliver(), 'failed')
  vendor.reaction = 'take'
  clock.ms += 59_000
  assert.equal(await deliver(), 'failed')
  assert.equal(vendor.calls.length, 1)
  clock.ms += 1000
  assert.equal(await deliver(), 'accepted')
})

testOnBoth('what a process left behind is sent by another one, once', async (t, db) => {
  const { queue, open, service, sms: vendor } = await setUp(t, db, { instances: [sms('main')] })
  const other = await open()
  const ids = await Promise.all(Array.from({ length: 45 }, () => queue()))
  await service.sweep()
  assert.equal(vendor.taken.length, 0, 'whoever queued them may be about to send them')

  await db.query('test.age', `update deliveries set created_at = created_at - interval '6 seconds'`)
  await Promise.all([service.sweep(), other.sweep()])
  assert.deepEqual(vendor.taken.map(({ id }) => id).sort(), ids.sort())
})

testOnBoth(
  'what comes too late is dropped, and what was interrupted is not sent again',
  async (t, db) => {
    const { queue, service, sms: vendor } = await setUp(t, db, { instances: [sms('main')] })
    const late = await queue()
    await db.query('test.late', 'update deliveries set expires_at = now() where id = $1', [late])
    const interrupted = await queue()
    await db.query(
      'test.interrupt',
      `update deliveries set state = 'sending', claimed_at = now() - interval '61 seconds' where id = $1`,
      [interrupted],
    )
    await service.send(late)
    assert.equal(await service.state(late), 'queued')
    await service.sweep()

    assert.equal(await service.state(late), 'dropped')
    assert.equal(await service.state(interrupted), 'unknown')
    assert.equal((await recordOf(db, late)).body, null)
    assert.equal((await recordOf(db, interrupted)).body, null)
    assert.equal(vendor.calls.length, 0)
  },
)

test('records are deleted after thirty days', async (t) => {
  const db = await withDatabase(t)
  const { queue, service } = await setUp(t, db, { instances: [sms('main')] })
  const [old, recent] = [await queue(), await queue()]
  await service.send(old)
  await service.send(recent)
  await db.query(
    'test.old',
    `update deliveries set finished_at = now() - interval '31 days' where id = $1`,
    [old],
  )
  await service.sweep()
  assert.equal(await service.state(old), null)
  assert.equal(await service.state(recent), 'accepted')
})

test('a slow vendor holds up neither other messages nor the end of the process for good', async (t) => {
  const db = await withDatabase(t)
  const {
    queue,
    deliver,
    service,
    sms: vendor,
  } = await setUp(t, db, {
    instances: [sms('main'), { id: 'mail', connector: 'test-email', config: { label: 'mail' } }],
  })
  const slow = Promise.withResolvers<void>()
  vendor.reaction = () => slow.promise
  const id = await queue()
  const sending = service.send(id)
  assert.equal(await deliver({ channel: 'email' }), 'accepted')
  assert.equal(await service.state(id), 'sending')

  const closing = service.close()
  slow.resolve()
  await closing
  assert.equal(await service.state(id), 'accepted')
  assert.equal(vendor.closed, 1)
  await sending
})

test('neither a copy of the database nor the log has a code, link, address, number or token', async (t) => {
  const db = await withDatabase(t)
  const token = 'a-very-secret-token'
  const {
    deliver,
    queue,
    sms: vendor,
    logged,
  } = await setUp(t, db, {
    instances: [
      sms('main', { config: { label: 'main', token } }),
      { id: 'mail', connector: 'test-email', config: { label: 'mail' } },
    ],
  })
  await deliver()
  await deliver({ channel: 'email' })
  for (const reaction of ['rejected', 'unavailable', 'unknown_outcome'] as const) {
    vendor.reaction = reaction
    await deliver()
  }
  await queue()
  const found = (await dump(db)) + logged.join('\n')
  assert.match(found, /\+41•••67/, 'the search finds what is there')
  for (const secret of ['482913', 'secret-link', 'ada.lovelace', '+41791234567', '791234', token]) {
    assert.ok(!found.includes(secret), `${secret} was found`)
  }
})
