import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js'
import { openSite } from '../flows/site.ts'
import { visitor } from '../support/http.ts'
import { accepts, startTwilio } from '../support/twilio-double.ts'
import { accessToken, apiOf, ops, program, startManaged } from './api.ts'

const scope = { after }
const twilio = await startTwilio(scope)
const token = 'a-token-of-this-account'
const live = {
  id: 'live',
  connector: 'twilio-sms',
  config: {
    accountSID: 'AClive',
    authToken: token,
    fromNumber: '+15550100',
    baseUrl: twilio.baseUrl,
  },
}

const client = program('ops')
const site = await openSite(
  scope,
  { sign_in_experience: { methods: ['sms-code', 'email-code'] } },
  [{ clientId: 'ops', clientSecret: client.client_secret, registration: client }],
)
const api = apiOf(site.server, await accessToken(site.server, 'ops'))

/** Besides, the credentials are looked at when they are saved. */
const texts = () => twilio.asked.filter(({ method }) => method === 'POST')

const list = async (query = '') => (await api.call('GET', `/deliveries${query}`)).body

const signInWith = async (identifier: string): Promise<void> => {
  const { person } = await site.arrive({}, { person: visitor(site.server) })
  await person.submit('identify', { identifier })
}

/** Until it is recorded, which happens after the page is out. */
const finished = async (count: number) => {
  const deadline = Date.now() + 10_000
  let { data } = await list()
  while (Date.now() < deadline) {
    const done = data.filter(({ state }: { state: string }) => state === 'accepted')
    if (done.length === count) break
    await sleep(50)
    data = (await list()).data
  }
  return data
}

test("a connector that is saved delivers the next sign-in's message, and the record says so", async () => {
  assert.equal((await api.call('POST', '/connectors', live)).status, 201)
  await signInWith('+41 79 123 45 67')
  const [one] = await finished(1)
  assert.equal(texts()[0]!.form.To, '+41791234567')
  assert.deepEqual(
    [one.channel, one.state, one.connectorId, one.country, one.recipient, one.clientId, one.test],
    ['sms', 'accepted', 'live', 'CH', '+41•••67', 'shop', false],
  )
  assert.ok(one.interactionUid)
  assert.equal(one.receipt, null)
  const { body: read } = await api.call('GET', `/deliveries/${one.id}`)
  assert.deepEqual(read, { ...one, attempts: [] })
  const { body: instance } = await api.call('GET', '/connectors/live')
  const { sent, accepted, failed, p95Ms } = instance.health.day
  assert.deepEqual([sent, accepted, failed], [1, 1, 0])
  assert.ok(p95Ms >= 0)
})

test('neither code nor link nor recipient is in what is told of a delivery', async () => {
  const code = /\d{6}/.exec(texts()[0]!.form.Body!)![0]
  const text = JSON.stringify(await list())
  assert.ok(!text.includes(code))
  assert.ok(!text.includes('791234567'))
})

test('deliveries are found by what is known of them', async () => {
  await signInWith('+49 1512 3456789')
  await signInWith('ada@example.com')
  const all = await finished(3)
  const ids = (body: { data: { id: string }[] }) => body.data.map(({ id }) => id)
  const [email, german, swiss] = all.map(({ id }: { id: string }) => id)
  for (const [query, expected] of [
    ['?channel=email', [email]],
    ['?channel=sms', [german, swiss]],
    ['?connectorId=live', [german, swiss]],
    ['?country=DE', [german]],
    ['?state=failed', []],
    ['?state=accepted&country=CH', [swiss]],
    [`?interactionUid=${all[1].interactionUid}`, [german]],
    [`?since=${all[1].createdAt.replace(/\.\d+/, '')}`, [email, german, swiss]],
    ['?until=2020-01-01T00:00:00Z', []],
    ['?test=true', []],
    [`?recipient=${encodeURIComponent('+41 79 123 45 67')}`, [swiss]],
    ['?recipient=ADA%40example.com', [email]],
    ['?recipient=ada%40example.co', []],
  ] as const) {
    const found = ids(await list(query))
    if (query.startsWith('?since')) assert.deepEqual(found.slice(0, 2), [email, german])
    else assert.deepEqual(found, expected, query)
  }
})

test('the list is read page by page, none twice and none left out', async () => {
  const { data: all } = await list()
  const seen: string[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const page: { data: { id: string }[]; next: string | null } = await list(
      `?limit=1${cursor ? `&cursor=${cursor}` : ''}`,
    )
    seen.push(...page.data.map(({ id }) => id))
    cursor = page.next
  }
  assert.deepEqual(
    seen,
    all.map(({ id }: { id: string }) => id),
  )
})

test('what is no filter, no cursor and no delivery is refused', async () => {
  const bad = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  for (const query of [
    '?state=lost',
    '?shoes=1',
    '?limit=101',
    '?since=yesterday',
    '?recipient=nobody',
    '?country=ch',
    '?cursor=nonsense',
    `?cursor=${bad([1, 2])}`,
    `?cursor=${bad(['9999-99-99', 'x'])}`,
    `?cursor=${bad([1, '\0'])}`,
  ]) {
    const { status } = await api.call('GET', `/deliveries${query}`)
    assert.equal(status, 422, query)
  }
  assert.equal((await api.call('GET', `/deliveries?cursor=${bad([9e15, 'x'])}`)).status, 200)
  assert.equal((await api.call('GET', '/deliveries/nobody')).status, 404)
})

test('Twilio says later what became of a message, and nobody else does', async (t) => {
  const server = await startManaged(t, { production: true, config: { connectors: [live] } })
  const managed = await ops(server)
  twilio.answer = accepts
  const send = async (more: object = {}) => {
    const { body } = await managed.call('POST', '/connectors/test', {
      id: 'live',
      connector: 'twilio-sms',
      config: live.config,
      to: '+41791234567',
      ...more,
    })
    assert.equal(body.accepted, true, JSON.stringify(body))
    return { ...body, callback: twilio.asked.at(-1)!.form.StatusCallback! }
  }
  const call = async (url: string, form: Record<string, string>, key = token, signed = form) => {
    const answer = await server.fetch(url, {
      method: 'POST',
      headers: { 'x-twilio-signature': getExpectedTwilioSignature(key, url, signed) },
      body: new URLSearchParams(form),
    })
    return answer.status
  }
  const receiptOf = async (id: string) =>
    (await managed.call('GET', `/deliveries/${id}`)).body.receipt

  const first = await send()
  assert.equal(
    first.callback,
    `https://id.example.com/connectors/live/receipt?delivery=${first.deliveryId}`,
  )
  const sid = first.reference
  const delivered = { MessageSid: sid, MessageStatus: 'delivered' }
  assert.equal(await call(first.callback, delivered, 'another token'), 403)
  const unsigned = await server.fetch(first.callback, {
    method: 'POST',
    body: new URLSearchParams(delivered),
  })
  assert.equal(unsigned.status, 403)
  assert.equal(
    await call(first.callback, delivered, token, { ...delivered, MessageStatus: 'failed' }),
    403,
  )
  assert.equal(await receiptOf(first.deliveryId), null)

  assert.equal(await call(first.callback, { MessageSid: sid, MessageStatus: 'sent' }), 204)
  assert.equal((await receiptOf(first.deliveryId)).state, 'sent')
  assert.equal(await call(first.callback, { MessageSid: 'SMother', MessageStatus: 'failed' }), 204)
  assert.equal((await receiptOf(first.deliveryId)).state, 'sent')
  const failed = { MessageSid: sid, MessageStatus: 'undelivered', ErrorCode: '30007' }
  assert.equal(await call(first.callback, failed), 204)
  const { state, code } = await receiptOf(first.deliveryId)
  assert.deepEqual([state, code], ['undelivered', '30007'])
  await call(first.callback, { MessageSid: sid, MessageStatus: 'sent' })
  assert.equal((await receiptOf(first.deliveryId)).state, 'undelivered', 'what is final stays')

  // Settings that are not saved yet: their own token signs.
  const typed = { ...live.config, accountSID: 'ACother', authToken: 'a-token-not-yet-saved' }
  const second = await send({ id: 'new-one', config: typed })
  const later = { MessageSid: second.reference, MessageStatus: 'delivered' }
  assert.equal(await call(second.callback, later), 403)
  assert.equal(await call(second.callback, later, typed.authToken), 204)
  assert.equal((await receiptOf(second.deliveryId)).state, 'delivered')

  for (const path of ['/connectors/nobody/receipt', '/connectors/live/receipt?delivery=nobody']) {
    const url = `https://id.example.com${path}`
    assert.equal(await call(url, delivered, 'another token'), 403, path)
  }
})
