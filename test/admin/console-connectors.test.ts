import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { database } from '../oidc/provider.ts'
import { startServer } from '../support/server.ts'
import { startSmtp } from '../support/smtp-server.ts'
import { certificate } from '../support/tls.ts'
import { accepts, refuses, startTwilio } from '../support/twilio-double.ts'
import { becomeOwner } from './console.ts'

const scope = { after }
const twilio = await startTwilio(scope)
const server = await startServer(scope)
const sql = database(scope, server)
const { owner } = await becomeOwner(server)
const open = (path: string) => owner.open(`${server.baseUrl}/admin/${path}`)
const valueIn = (html: string, name: string) =>
  new RegExp(`name="${name}"[^>]*value="([^"]*)"`).exec(html)?.[1]

/** The shape that the connector of seed 002 has, as it is pasted there. */
const token = 'a-twilio-token-that-nobody-may-see-4321'
const json = JSON.stringify({
  accountSID: 'ACtest',
  authToken: token,
  fromMessagingServiceSID: 'MGtest',
  templates: ['SignIn', 'Register', 'ForgotPassword', 'Generic'].map((usageType) => ({
    usageType,
    content: `${usageType} says {{code}}`,
  })),
})

test('while nothing is set up, the list says where messages go', async () => {
  const { text } = await open('connectors')
  assert.match(text, /In this order: the inbox of this server, since nothing is set up/)
})

test('a whole configuration is pasted, tried out until it works, and saved', async () => {
  await open('connectors/new')
  const empty = await open('connectors/new/twilio-sms')
  assert.match(empty.html, /Twilio(&#39;|')s messaging API/, 'the guide is beside the form')

  const filled = await owner.submit('new/twilio-sms', { do: 'fill', json })
  assert.equal(filled.status, 200)
  assert.equal(valueIn(filled.html, 'config.accountSID'), 'ACtest')
  assert.equal(valueIn(filled.html, 'config.authToken'), token)
  const [area] = /<textarea[^>]*id="field-json"[\s\S]*?<\/textarea>/.exec(filled.html) ?? ['']
  assert.ok(area.includes('••••') && !area.includes(token), area)

  twilio.answer = refuses(401, 20003)
  const refused = await owner.submit('new/twilio-sms', {
    'config.baseUrl': twilio.baseUrl,
    'config.authToken': 'a-wrong-token-that-was-typed-0000',
    to: '+41 79 123 45 67',
    usageType: 'SignIn',
    do: 'test',
  })
  assert.equal(refused.status, 200)
  assert.match(refused.text, /Not accepted In the vendor’s words 20003: The number ••• was refused/)
  assert.match(refused.text, /What to do The account SID and the auth token do not belong together/)
  assert.equal(valueIn(refused.html, 'to'), '+41 79 123 45 67')
  assert.equal(valueIn(refused.html, 'config.authToken'), 'a-wrong-token-that-was-typed-0000')
  assert.equal(refused.headers.get('cache-control'), 'no-store')

  twilio.answer = accepts
  const right = await owner.submit('new/twilio-sms', { 'config.authToken': token, do: 'test' })
  assert.match(right.text, /Accepted\. That is not delivered yet\./)
  assert.match(right.text, /Reference of the vendor SM\d+/)
  assert.match(twilio.asked.at(-1)!.form.Body!, /^SignIn says \d{6}/)
  assert.equal(twilio.asked.at(-1)!.credentials, `ACtest:${token}`)
  const checked = await owner.submit('new/twilio-sms', { do: 'verify' })
  assert.match(checked.text, /The credentials are right/)

  const saved = await owner.submit('new/twilio-sms', { id: 'sms-main' })
  assert.match(saved.url, /\/admin\/connectors\/sms-main\?done=created$/)
  assert.match(saved.text, /Created/)
  assert.match(saved.text, /All messages are in your own words/)
})

test('of a saved secret only its end is shown, and it is kept when nothing is typed', async () => {
  const { html } = await open('connectors/sms-main')
  assert.ok(!html.includes(token))
  assert.match(html, /placeholder="ends …4321"/)
  assert.equal(valueIn(html, 'config.authToken'), '')
  await owner.submit('connectors/sms-main', { 'config.edge': '', priority: '7' })
  await owner.submit('connectors/sms-main', { to: '+41791234567', do: 'test' })
  assert.equal(twilio.asked.at(-1)!.credentials, `ACtest:${token}`)
  assert.ok(!owner.here().html.includes(token))
  const list = await open('connectors')
  assert.ok(!list.html.includes(token) && !list.html.includes('4321'))
  assert.match(list.text, /its test was accepted/)
})

test('what is wrong is told beside its field, and nothing that was typed is lost', async () => {
  await open('connectors/sms-main')
  const { status, html, text } = await owner.submit('connectors/sms-main', {
    'config.accountSID': 'not one',
    'config.authToken': 'typed-just-now-and-kept-1111',
    priority: 'first',
  })
  assert.equal(status, 422)
  assert.match(html, /id="field-priority-error"/)
  assert.equal(valueIn(html, 'priority'), 'first')
  assert.equal(valueIn(html, 'config.authToken'), 'typed-just-now-and-kept-1111')
  const again = await owner.submit('connectors/sms-main', { priority: '7' })
  assert.equal(again.status, 422)
  assert.match(again.text, /An account SID begins with AC/)
  assert.match(again.html, /id="field-config-accountSID-error"/)

  const broken = await owner.submit('connectors/sms-main', { json: '{"accountSID":', do: 'fill' })
  assert.equal(broken.status, 422)
  assert.match(broken.text, /is not a JSON object/)
  assert.match(broken.html, /\{&quot;accountSID&quot;:|\{"accountSID":/)
  assert.match(text, /Priority ?: has to be a number/)
})

test('of two admins who save at once, one is told, and the second save is a decision', async () => {
  await open('connectors/sms-main')
  const other = owner.copy()
  await owner.submit('connectors/sms-main', { priority: '3' })
  const told = await other.submit('connectors/sms-main', { priority: '4' })
  assert.equal(told.status, 412)
  assert.match(told.text, /Somebody else has changed this meanwhile/)
  assert.equal(valueIn(told.html, 'priority'), '4')
  const again = await other.submit('connectors/sms-main')
  assert.equal(again.status, 200)
  assert.equal(valueIn(again.html, 'priority'), '4')
})

test('the order, the countries and what is turned off are said in one line', async () => {
  for (const [id, countries] of [
    ['sms-backup', ''],
    ['sms-alps', 'CH, at'],
  ] as const) {
    await open('connectors/new/twilio-sms')
    await owner.submit('new/twilio-sms', {
      id,
      'config.accountSID': 'ACtest',
      'config.authToken': token,
      'config.fromNumber': '+15550100',
      countries,
    })
  }
  const line = async () => /In this order: ([^.]*)\./.exec((await open('connectors')).text)![1]
  assert.equal(
    await line(),
    'sms-main, then sms-backup; to Austria, Switzerland: sms-main, then sms-alps, then sms-backup',
  )
  const move = (id: string, way: string) =>
    owner.submit(({ values }) => values.id === id && values.channel === 'sms', { move: way })
  await move('sms-backup', 'up')
  await move('sms-backup', 'up')
  assert.equal(
    await line(),
    'sms-backup, then sms-main; to Austria, Switzerland: sms-backup, then sms-main, then sms-alps',
  )
  await owner.submit('sms-backup/enabled')
  assert.equal(await line(), 'sms-main; to Austria, Switzerland: sms-main, then sms-alps')
  assert.match(owner.here().text, /Turned off/)
})

test('what Logto has for a mail server is taken as it is, and a wrong password is told', async (t) => {
  const smtp = await startSmtp(t, { auth: { user: 'avouch', pass: 'the right password 1234' } })
  await open('connectors/new/smtp-email')
  const logto = {
    host: '127.0.0.1',
    port: smtp.port,
    auth: { type: 'login', user: 'avouch', pass: 'the wrong password 1234' },
    fromEmail: 'Example <login@example.com>',
    secure: false,
    debug: false,
    logger: false,
    tls: { ca: certificate },
    templates: ['SignIn', 'Register', 'ForgotPassword', 'Generic'].map((usageType) => ({
      usageType,
      contentType: 'text/plain',
      subject: usageType,
      content: 'Your code is {{code}}',
    })),
  }
  await owner.submit('new/smtp-email', { json: JSON.stringify(logto), do: 'fill' })
  const to = 'ada@example.com'
  const wrong = await owner.submit('new/smtp-email', { to, usageType: 'Register', do: 'test' })
  assert.match(wrong.text, /Not accepted In the vendor’s words 535: .*Authentication failed/)
  const right = await owner.submit('new/smtp-email', {
    'config.auth.pass': 'the right password 1234',
    do: 'test',
  })
  assert.match(right.text, /Accepted\./)
  assert.deepEqual(smtp.received.at(-1)!.recipients, [to])
  assert.equal(smtp.received.at(-1)!.mail.subject, 'Register')
  const saved = await owner.submit('new/smtp-email', { id: 'mail' })
  assert.equal(saved.status, 200, saved.text)
  assert.ok(!saved.html.includes('the right password 1234'))
})

test('a connector that nobody uses any more is deleted', async () => {
  await open('connectors/sms-alps')
  const { url, text } = await owner.submit('sms-alps/delete')
  assert.match(url, /\/admin\/connectors\?done=deleted$/)
  assert.doesNotMatch(text, /sms-alps/)
  assert.equal((await open('connectors/sms-alps')).status, 404)
})

test('whoever may only read sees the settings, and changes and tries out nothing', async () => {
  await sql("update admins set role = 'read-only'")
  try {
    const { html } = await open('connectors/sms-main')
    assert.doesNotMatch(html, /name="do"/)
    assert.doesNotMatch(html, /\/delete"/)
    assert.doesNotMatch((await open('connectors')).html, /connectors\/new"/)
    const asked = twilio.asked.length
    for (const act of ['save', 'test', 'verify']) {
      const fields = { do: act, to: '+41791234567', 'config.accountSID': 'ACother' }
      const { status } = await owner.post(`${server.baseUrl}/admin/connectors/sms-main`, fields)
      assert.equal(status, 403, act)
    }
    assert.equal(twilio.asked.length, asked)
  } finally {
    await sql("update admins set role = 'owner'")
  }
})

test('secrets that were typed are in no row of the audit log and no line of the log', async () => {
  const rows = await sql<{ detail: string }>('select detail from audit_events', [])
  assert.ok(!(JSON.stringify(rows) + server.output()).includes('nobody-may-see'))
})
