import assert from 'node:assert/strict'
import { test } from 'node:test'
import { smtpEmail } from '#connectors/smtp-email/index.ts'
import { assertFails, emailMessage, faultsIn, openInstance } from '../support/messages.ts'
import type { Scope } from '../support/scope.ts'
import { reply, type SmtpBehaviour, startSmtp } from '../support/smtp-server.ts'
import { certificate } from '../support/tls.ts'

const smtp = smtpEmail()
const impatient = smtpEmail({ connectMs: 1000, greetingMs: 1000, totalMs: 600 })
const base = {
  host: '127.0.0.1',
  fromEmail: 'Demo, Inc. <login@demo.example>',
  tls: { ca: certificate },
}

const setUp = async (t: Scope, how: SmtpBehaviour = {}, config: object = {}, connector = smtp) => {
  const server = await startSmtp(t, how)
  const instance = await openInstance(t, connector, { ...base, port: server.port, ...config })
  return { server, instance }
}

test('an email arrives encrypted, with its words as HTML and as text', async (t) => {
  const auth = { user: 'avouch', pass: 'a password' }
  const { server, instance } = await setUp(t, { auth }, { auth, replyTo: 'help@demo.example' })
  await instance.verify()
  assert.equal(server.received.length, 0)
  const { reference } = await instance.send({
    ...emailMessage,
    subject: '482913 – Ihr Code für Grün',
  })

  const [got] = server.received
  assert.equal(got!.encrypted, true)
  assert.equal(got!.user, 'avouch')
  assert.equal(got!.from, 'login@demo.example')
  assert.deepEqual(got!.recipients, ['ada@example.com'])
  assert.deepEqual(got!.mail.to, [{ address: 'ada@example.com', name: '' }])
  assert.deepEqual(got!.mail.from, { address: 'login@demo.example', name: 'Demo, Inc.' })
  assert.deepEqual(got!.mail.replyTo, [{ address: 'help@demo.example', name: '' }])
  assert.equal(got!.mail.subject, '482913 – Ihr Code für Grün')
  assert.equal(got!.mail.text?.trim(), '482913 is your code.')
  assert.equal(got!.mail.html?.trim(), '<p>482913 is your code.</p>')
  assert.equal(got!.mail.messageId, reference)
  assert.match(got!.raw, /^Auto-Submitted: auto-generated/m)
})

test('many emails share a few connections', async (t) => {
  const { server, instance } = await setUp(t)
  const ids = Array.from({ length: 30 }, (_, index) => `d${index}`)
  await Promise.all(ids.map((id) => instance.send({ ...emailMessage, id })))
  assert.equal(server.received.length, 30)
  assert.ok(server.connections <= 5, `${server.connections} connections`)
})

test('whatever stands in place of an address, one mailbox gets the email or none does', async (t) => {
  const { server, instance } = await setUp(t)
  for (const to of [
    'a@b.com, c@d.com',
    'a@b.com\r\nBcc: z@z.com',
    'x@gmail.com y@internal.domain',
    'x@gmail.com;y@internal.domain',
    'a@b.com,',
    '<a@b.com>',
    'Ada <a@b.com>',
    '"a@b.com, c"@d.com',
    'group:a@b.com,c@d.com;',
    'a@[127.0.0.1]',
    'a(comment)@b.com',
    'a@b@c.com',
    'a@b.com\0',
    'ä@b.com',
    '',
    '@b.com',
    `${'a'.repeat(300)}@b.com`,
  ]) {
    await assertFails(instance.send({ ...emailMessage, to }), 'rejected')
  }
  assert.equal(server.received.length, 0)
  await instance.send({ ...emailMessage, to: "o'neil+a.b_c=d@sub.example.com" })
  assert.deepEqual(server.received[0]?.recipients, ["o'neil+a.b_c=d@sub.example.com"])
})

test('a line break in a subject begins no header', async (t) => {
  const { server, instance } = await setUp(t)
  await instance.send({ ...emailMessage, subject: 'Code\r\nBcc: z@z.com\r\n\r\nBody' })
  const { mail, recipients } = server.received[0]!
  assert.equal(mail.subject, 'Code Bcc: z@z.com Body')
  assert.equal(mail.bcc, undefined)
  assert.deepEqual(recipients, ['ada@example.com'])
})

test('a server without TLS is refused unless the operator allows it', async (t) => {
  const { server, instance } = await setUp(t, { tls: false })
  await assertFails(instance.send(emailMessage), 'misconfigured')
  assert.equal(server.received.length, 0)

  const open = { ...base, port: server.port, requireTLS: false }
  await (await openInstance(t, smtp, open)).send(emailMessage)
  assert.equal(server.received[0]?.encrypted, false)
})

test('encryption is used wherever it is offered, and not at all only if told so', async (t) => {
  const { server, instance } = await setUp(t, {}, { requireTLS: false })
  await instance.send(emailMessage)
  const plain = { ...base, port: server.port, requireTLS: false, ignoreTLS: true }
  await (await openInstance(t, smtp, plain)).send(emailMessage)
  assert.deepEqual(
    server.received.map(({ encrypted }) => encrypted),
    [true, false],
  )
})

test('a certificate of an unknown authority is refused', async (t) => {
  const { server, instance } = await setUp(t, {}, { tls: undefined })
  await assertFails(instance.send(emailMessage), 'misconfigured')
  assert.equal(server.received.length, 0)
})

test('a wrong password is a fault of the settings', async (t) => {
  const auth = { user: 'avouch', pass: 'right' }
  const { instance } = await setUp(t, { auth }, { auth: { ...auth, pass: 'wrong' } })
  const error = await assertFails(instance.send(emailMessage), 'misconfigured')
  assert.equal(error.vendorCode, '535')
  await assertFails(instance.verify(), 'misconfigured')
})

const cases: [what: string, how: SmtpBehaviour, failure: Parameters<typeof assertFails>[1]][] = [
  ['a full server', { onConnect: () => reply(421, 'Too busy') }, 'unavailable'],
  ['a refused sender', { onSender: () => reply(550, 'Not yours') }, 'misconfigured'],
  ['a greylisting server', { onRecipient: () => reply(450, 'Later') }, 'unavailable'],
  ['a mailbox in use', { onRecipient: () => reply(451, 'Busy') }, 'unavailable'],
  ['an unknown mailbox', { onRecipient: () => reply(550, 'No such user') }, 'rejected'],
  ['content taken for spam', { onMessage: () => reply(554, 'Spam') }, 'rejected'],
  ['a full disk', { onMessage: () => reply(452, 'No space') }, 'unavailable'],
]
for (const [what, how, failure] of cases) {
  test(`${what} is ${failure}`, async (t) => {
    const { instance } = await setUp(t, how)
    await assertFails(instance.send(emailMessage), failure)
  })
}

test('a server that is gone took nothing', async (t) => {
  const { server, instance } = await setUp(t)
  await server.close()
  const error = await assertFails(instance.send(emailMessage), 'unavailable')
  assert.equal(error.vendorCode, 'ECONNREFUSED')
})

test('a connection lost after the whole message may have delivered it: it is not sent again', async (t) => {
  const { server, instance } = await setUp(t, { onMessage: () => 'hang up' })
  await assertFails(instance.send(emailMessage), 'unknown_outcome')
  await new Promise((resolve) => setTimeout(resolve, 300))
  assert.equal(server.received.length, 1)
})

test('a server that never says whether it took the message may have taken it', async (t) => {
  const { server, instance } = await setUp(t, { onMessage: () => 'say nothing' }, {}, impatient)
  await assertFails(instance.send(emailMessage), 'unknown_outcome')
  assert.equal(server.received.length, 1)
})

test('a server that says nothing before the message did not take it', async (t) => {
  const { instance } = await setUp(t, { onRecipient: () => 'say nothing' }, {}, impatient)
  await assertFails(instance.send(emailMessage), 'unavailable')
})

test('a connection that the server has closed in the meantime costs no email', async (t) => {
  const { server, instance } = await setUp(t)
  await instance.send(emailMessage)
  server.hangUp()
  await instance.send({ ...emailMessage, id: 'd2' })
  assert.equal(server.received.length, 2)
})

test('settings that cannot work are refused with their path', () => {
  const faults = (config: object) =>
    faultsIn(smtp, { host: 'smtp.example.com', port: 587, fromEmail: 'a@b.example', ...config })
  const auth = { user: 'u', pass: 'p' }
  assert.deepEqual(faults({ auth }), [])
  assert.deepEqual(faults({ auth, port: 465, requireTLS: false }), [])
  assert.deepEqual(faults({ auth, host: '127.0.0.1', requireTLS: false }), [])
  assert.deepEqual(faults({ auth, requireTLS: false }), [
    'requireTLS: A password is only sent over TLS: leave requireTLS on.',
  ])
  assert.deepEqual(faults({ ignoreTLS: true }), ['ignoreTLS: ignoreTLS needs requireTLS: false.'])
  for (const fromEmail of ['demo', 'a@b.example, c@d.example', 'A <a@b.example> x', '<>']) {
    assert.deepEqual(faults({ fromEmail }), [
      'fromEmail: An address, or Name <address>, is expected.',
    ])
  }
  assert.match(faults({ port: 0, host: '' }).join(), /host: .*port: /)
})
