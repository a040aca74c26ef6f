/** Settings that are tried out before they are saved. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startSmtp } from '../support/smtp-server.ts'
import { certificate } from '../support/tls.ts'
import { accepts, refuses, startTwilio } from '../support/twilio-double.ts'
import { accessToken, apiOf, ops, program, startManaged } from './api.ts'

const token = 'a-twilio-token-that-nobody-may-see-4321'
const password = 'a-mail-password-that-nobody-may-see-8765'
const scope = { after }

const twilio = await startTwilio(scope)
const server = await startManaged(scope, {
  config: { clients: [program('second'), program('third')] },
})
const api = await ops(server)
const as = async (clientId: string) => apiOf(server, await accessToken(server, clientId))

const config = () => ({
  accountSID: 'ACtest',
  authToken: token,
  fromMessagingServiceSID: 'MGtest',
  baseUrl: twilio.baseUrl,
})
await api.call('POST', '/connectors', { id: 'kept', connector: 'twilio-sms', config: config() })

test('a test tells what Twilio says in its own words, what to do about it, and when it goes', async () => {
  const tester = await as('second')
  const typed = { connector: 'twilio-sms', config: config(), to: '+41 79 123 45 67' }
  const send = (more: object = {}) => tester.call('POST', '/connectors/test', { ...typed, ...more })

  twilio.answer = refuses(401, 20003)
  const wrong = await send()
  assert.equal(wrong.status, 200)
  const { accepted, failure, vendorCode, vendorWords, hint, reference } = wrong.body
  assert.deepEqual(
    [accepted, failure, vendorCode, reference],
    [false, 'misconfigured', '20003', null],
  )
  assert.equal(vendorWords, 'The number ••• was refused')
  assert.match(hint, /auth token/)

  twilio.answer = refuses(400, 21608)
  assert.match((await send()).body.hint, /trial account/i)

  twilio.answer = accepts
  const right = await send({ usageType: 'SignIn', locale: 'de', id: 'kept' })
  assert.deepEqual([right.body.accepted, right.body.failure], [true, null])
  assert.match(right.body.reference, /^SM/)
  assert.match(twilio.asked.at(-1)!.form.Body!, /^\d{6} ist Ihr Code/)

  const { body: delivery } = await api.call('GET', `/deliveries/${right.body.deliveryId}`)
  assert.deepEqual(
    [delivery.test, delivery.state, delivery.recipient, delivery.country, delivery.usageType],
    [true, 'accepted', '+41•••67', 'CH', 'SignIn'],
  )
  const { body: kept } = await api.call('GET', '/connectors/kept')
  assert.equal(kept.health.lastTest.accepted, true)
  assert.equal(kept.health.week.sent, 0)

  const email = await send({ to: 'ada@example.com' })
  assert.equal(email.status, 422)
  assert.equal((await send({ config: { ...config(), accountSID: 'x' } })).status, 422)
  assert.equal((await send()).status, 200)
  assert.equal((await send()).status, 200)
  const sixth = await send()
  assert.equal(sixth.status, 429)
  assert.ok(Number(sixth.headers.get('retry-after')) > 0)
})

test('a test tells what a mail server says', async (t) => {
  const smtp = await startSmtp(t, { auth: { user: 'avouch', pass: password } })
  const tester = await as('third')
  const mail = (pass: string) => ({
    connector: 'smtp-email',
    config: {
      host: '127.0.0.1',
      port: smtp.port,
      auth: { user: 'avouch', pass },
      fromEmail: 'login@example.com',
      tls: { ca: certificate },
    },
  })
  const to = 'ada@example.com'
  const wrong = await tester.call('POST', '/connectors/test', { ...mail('not it'), to })
  assert.deepEqual([wrong.body.failure, wrong.body.vendorCode], ['misconfigured', '535'])
  assert.match(wrong.body.vendorWords, /Authentication failed/)
  assert.match(wrong.body.hint, /user or the password/)
  const checked = await tester.call('POST', '/connectors/verify', mail('not it'))
  assert.deepEqual([checked.body.verified, checked.body.vendorCode], [false, '535'])

  const right = await tester.call('POST', '/connectors/test', { ...mail(password), to })
  assert.equal(right.body.accepted, true, JSON.stringify(right.body))
  assert.deepEqual(smtp.received[0]!.recipients, [to])
})

test('secrets are in no answer, no row of the audit log and no line of the log', async () => {
  const { body } = await api.call('GET', '/audit?limit=100')
  const log = JSON.stringify(body)
  assert.ok(log.includes('connector.tested') && log.includes('"vendorCode":"20003"'), log)
  assert.ok(!(log + server.output()).includes('nobody-may-see'))
  assert.ok(!(log + server.output()).includes('791234567'))
})
