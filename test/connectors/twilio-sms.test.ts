import assert from 'node:assert/strict'
import { test } from 'node:test'
import { twilioSms } from '#connectors/twilio-sms/index.ts'
import { assertFails, faultsIn, openInstance, textMessage } from '../support/messages.ts'
import type { Scope } from '../support/scope.ts'
import {
  type Answer,
  hangsUp,
  neverAnswers,
  refuses,
  startTwilio,
  stopsHalfWay,
} from '../support/twilio-double.ts'

const account = { accountSID: 'ACtest', authToken: 'a token' }
const sms = twilioSms()
const impatient = twilioSms({ connectMs: 200, totalMs: 300 })

const setUp = async (t: Scope, answer?: Answer, connector = sms) => {
  const twilio = await startTwilio(t)
  if (answer) twilio.answer = answer
  const config = { ...account, fromMessagingServiceSID: 'MGtest', baseUrl: twilio.baseUrl }
  return { twilio, instance: await openInstance(t, connector, config) }
}

test('a text message reaches Twilio with its words, recipient, sender and credentials', async (t) => {
  const { twilio, instance } = await setUp(t)
  const { reference } = await instance.send({ ...textMessage, text: 'Grüße & 100 % für Sie = 😀' })

  assert.match(reference, /^SM/)
  assert.deepEqual(twilio.asked, [
    {
      method: 'POST',
      path: '/2010-04-01/Accounts/ACtest/Messages.json',
      credentials: 'ACtest:a token',
      form: {
        To: '+41791234567',
        Body: 'Grüße & 100 % für Sie = 😀',
        MessagingServiceSid: 'MGtest',
      },
    },
  ])
})

test('a number can be the sender instead of a messaging service', async (t) => {
  const twilio = await startTwilio(t)
  const config = { ...account, fromNumber: '+15550100', baseUrl: `${twilio.baseUrl}/private/` }
  const instance = await openInstance(t, sms, config)
  await instance.send(textMessage)

  assert.equal(twilio.asked[0]?.path, '/private/2010-04-01/Accounts/ACtest/Messages.json')
  assert.equal(twilio.asked[0]?.form.From, '+15550100')
  assert.equal(twilio.asked[0]?.form.MessagingServiceSid, undefined)
})

test('credentials are checked without sending anything', async (t) => {
  const { twilio, instance } = await setUp(t)
  await instance.verify()
  assert.deepEqual(
    twilio.asked.map(({ method, path }) => `${method} ${path}`),
    ['GET /2010-04-01/Accounts/ACtest.json'],
  )

  twilio.answer = refuses(401, 20003)
  await assertFails(instance.verify(), 'misconfigured')
})

for (const [what, status, code, failure] of [
  ['a number that does not exist', 400, 21211, 'rejected'],
  ['a landline', 400, 21614, 'rejected'],
  ['somebody who has unsubscribed', 400, 21610, 'rejected'],
  ['a region that is not enabled', 403, 21408, 'rejected'],
  ['a wrong token', 401, 20003, 'misconfigured'],
  ['a sender that is not ours', 400, 21606, 'misconfigured'],
  ['an unknown account', 404, 20404, 'misconfigured'],
  ['a redirect', 302, 0, 'misconfigured'],
  ['too many at once', 429, 20429, 'rate_limited'],
  ['a fault at Twilio', 500, 20500, 'unavailable'],
  ['Twilio being down', 503, 0, 'unavailable'],
] as const) {
  test(`${what} is ${failure}`, async (t) => {
    const { instance } = await setUp(t, refuses(status, code))
    const error = await assertFails(instance.send(textMessage), failure)
    assert.equal(error.vendorCode, String(code))
  })
}

test('an answer that is no JSON is judged by its status', async (t) => {
  const { instance } = await setUp(t, (response) => response.writeHead(502).end('<h1>Bad</h1>'))
  const error = await assertFails(instance.send(textMessage), 'unavailable')
  assert.equal(error.vendorCode, '502')
})

test('how long to wait is read from the answer, as seconds or as a date', async (t) => {
  const { twilio, instance } = await setUp(t, refuses(429, 20429, { 'retry-after': '60' }))
  assert.equal(
    (await assertFails(instance.send(textMessage), 'rate_limited')).retryAfterSeconds,
    60,
  )

  const later = new Date(Date.now() + 120_000).toUTCString()
  twilio.answer = refuses(429, 20429, { 'retry-after': later })
  const { retryAfterSeconds } = await assertFails(instance.send(textMessage), 'rate_limited')
  assert.ok(retryAfterSeconds! > 110 && retryAfterSeconds! <= 120, String(retryAfterSeconds))
})

for (const [what, answer] of [
  ['no answer in time', neverAnswers],
  ['half an answer', stopsHalfWay],
  ['a connection that breaks after the request', hangsUp],
  ['a success without a message SID', (response) => response.writeHead(201).end('{}')],
  [
    'an endless answer',
    (response) => {
      response.writeHead(201)
      response.write('x'.repeat(100_000))
    },
  ],
] as const satisfies [string, Answer][]) {
  test(`after ${what}, the outcome is unknown and nothing is sent again`, async (t) => {
    const { twilio, instance } = await setUp(t, answer, impatient)
    const started = performance.now()
    await assertFails(instance.send(textMessage), 'unknown_outcome')
    assert.ok(performance.now() - started < 1000, 'It took too long')
    assert.equal(twilio.asked.length, 1)
  })
}

test('where nothing listens, nothing was sent', async (t) => {
  const { twilio, instance } = await setUp(t)
  await twilio.close()
  await assertFails(instance.send(textMessage), 'unavailable')
})

test('a connection that is never made takes no longer than its limit', async (t) => {
  // A server that speaks no TLS and says nothing: the handshake never ends.
  const config = { ...account, fromNumber: '+15550100' }
  const { createServer } = await import('node:net')
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  await new Promise((resolve) => silent.once('listening', resolve))
  t.after(() => void silent.close())
  const { port } = silent.address() as { port: number }
  const instance = await openInstance(t, impatient, {
    ...config,
    baseUrl: `https://127.0.0.1:${port}`,
  })
  await assertFails(instance.send(textMessage), 'unavailable')
})

test('settings that cannot work are refused with their path', () => {
  const faults = (config: object) => faultsIn(sms, { ...account, ...config })
  assert.deepEqual(faults({ fromNumber: '+15550100' }), [])
  assert.deepEqual(faults({ fromMessagingServiceSID: 'MG1', region: 'ie1', edge: 'dublin' }), [])
  assert.deepEqual(faults({}), [
    'fromMessagingServiceSID: Exactly one of fromMessagingServiceSID and fromNumber is needed.',
  ])
  assert.deepEqual(faults({ fromMessagingServiceSID: 'MG1', fromNumber: '+15550100' }), [
    'fromMessagingServiceSID: Exactly one of fromMessagingServiceSID and fromNumber is needed.',
  ])
  assert.deepEqual(faults({ fromNumber: '+15550100', accountSID: 'SK1' }), [
    'accountSID: An account SID begins with AC.',
  ])
  for (const baseUrl of ['http://api.example.com', 'ftp://127.0.0.1', 'api.example.com']) {
    assert.deepEqual(faults({ fromNumber: '+15550100', baseUrl }), [
      'baseUrl: An https URL; http only for this machine.',
    ])
  }
  assert.match(faults({ fromNumber: '+15550100', fromNumbr: '' })[0]!, /fromNumbr/)
})
