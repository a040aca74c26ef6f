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

test('a connector with a wrong password is not saved, and its vendor says why', async (t) => {
  twilio.answer = refuses(401, 20003)
  const asked = { connector: 'twilio-sms', config: { ...config(), authToken: 'wrong-token-0000' } }
  const refused = await api.call('POST', '/connectors', { id: 'wrong', ...asked })
  assert.equal(refused.status, 422)
  const [fault] = refused.body.errors
  assert.equal(fault.path, 'config.authToken')
  assert.match(fault.message, /refused by the vendor, who says: 20003 .*auth token/)
  assert.ok(!JSON.stringify(refused.body).includes('wrong-token'))
  assert.equal((await api.call('GET', '/connectors/wrong')).status, 404)

  const smtp = await startSmtp(t, { auth: { user: 'avouch', pass: password } })
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
  const wrong = await api.call('POST', '/connectors', { id: 'mail', ...mail('not it') })
  assert.equal(wrong.status, 422)
  assert.equal(wrong.body.errors[0].path, 'config.auth.pass')
  assert.match(wrong.body.errors[0].message, /535.*user or the password/)
  const right = await api.call('POST', '/connectors', { id: 'mail', ...mail(password) })
  assert.equal(right.status, 201, JSON.stringify(right.body))
  const changed = await api.call('PATCH', '/connectors/mail', { config: mail('not it').config })
  assert.equal(changed.status, 422)
  assert.equal(changed.body.errors[0].path, 'config.auth.pass')
  assert.equal((await api.call('GET', '/connectors/mail')).body.version, 1)
})

test('what is not used yet, or is saved unseen, is saved whatever its vendor says', async () => {
  twilio.answer = refuses(401, 20003)
  const asked = { connector: 'twilio-sms', config: config() }
  const before = twilio.asked.length
  for (const [id, more] of [
    ['later', { enabled: false }],
    ['unseen', { verify: false }],
  ] as const) {
    const { status } = await api.call('POST', '/connectors', { id, ...asked, ...more })
    assert.equal(status, 201)
    const same = await api.call('PATCH', `/connectors/${id}`, { ...asked, priority: 3 })
    assert.equal(same.status, 422, 'of which connector it is can not be changed')
    const { body } = await api.call('GET', `/connectors/${id}`)
    const moved = await api.call('PATCH', `/connectors/${id}`, { config: body.config, priority: 3 })
    assert.equal(moved.status, 200, 'with the settings that it has')
  }
  assert.equal(twilio.asked.length, before)

  await twilio.close()
  const gone = await api.call('POST', '/connectors', { id: 'gone', ...asked })
  assert.equal(gone.status, 201, 'a vendor that does not answer keeps nobody from it')
})
