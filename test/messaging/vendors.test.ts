/** The real connectors behind messaging, against a real SMTP server and a double of Twilio. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { usageTypes } from '#connectors/contract.ts'
import { withDatabase } from '../support/database.ts'
import { requiredTemplates } from '../support/messages.ts'
import { startSmtp } from '../support/smtp-server.ts'
import { certificate } from '../support/tls.ts'
import { hangsUp, refuses, startTwilio } from '../support/twilio-double.ts'
import { setUp } from './support.ts'

const sms = (id: string, baseUrl: string, more: object = {}) => ({
  id,
  connector: 'twilio-sms',
  config: {
    accountSID: 'AC1',
    authToken: 'token',
    fromMessagingServiceSID: 'MG1',
    baseUrl,
    ...more,
  },
})

test('for every usage, the right words reach the right number through Twilio', async (t) => {
  const db = await withDatabase(t)
  const twilio = await startTwilio(t)
  const templates = [
    ...requiredTemplates,
    { usageType: 'Register', content: 'Willkommen {{code}}', locale: 'de' },
  ]
  const { deliver } = await setUp(t, db, {
    instances: [sms('main', twilio.baseUrl, { templates })],
  })
  for (const usageType of usageTypes) await deliver({ usageType, locale: 'de-CH' })

  assert.deepEqual(
    twilio.asked.map(({ form }) => form.Body!.split('\n')[0]),
    ['SignIn', 'Willkommen', 'ForgotPassword', ...Array(7).fill('Generic')].map(
      (words) => `${words} 482913`,
    ),
  )
  for (const { form } of twilio.asked) {
    assert.equal(form.To, '+41791234567')
    assert.match(form.Body!, /\n@login\.example\.com #482913$/)
  }
})

test('while one Twilio account is down, messages go out through another', async (t) => {
  const db = await withDatabase(t)
  const [down, up] = [await startTwilio(t), await startTwilio(t)]
  down.answer = refuses(503, 20503)
  const { deliver } = await setUp(t, db, {
    instances: [sms('down', down.baseUrl), { ...sms('up', up.baseUrl), priority: 20 }],
  })
  for (let time = 0; time < 8; time += 1) assert.equal(await deliver(), 'accepted')
  assert.equal(down.asked.length, 5)
  assert.equal(up.asked.length, 8)
})

test('a text message that Twilio may have taken goes out through no second account', async (t) => {
  const db = await withDatabase(t)
  const [broken, spare] = [await startTwilio(t), await startTwilio(t)]
  broken.answer = hangsUp
  const { deliver } = await setUp(t, db, {
    instances: [sms('broken', broken.baseUrl), { ...sms('spare', spare.baseUrl), priority: 20 }],
  })
  assert.equal(await deliver(), 'unknown')
  assert.equal(spare.asked.length, 0)
})

test('an email arrives in the language of the sign-in, right to left where it is read so', async (t) => {
  const db = await withDatabase(t)
  const server = await startSmtp(t)
  const config = {
    host: '127.0.0.1',
    port: server.port,
    fromEmail: 'Demo <login@demo.example>',
    tls: { ca: certificate },
  }
  const { deliver } = await setUp(t, db, {
    instances: [{ id: 'mail', connector: 'smtp-email', config }],
  })
  assert.equal(await deliver({ channel: 'email', locale: 'ar-EG' }), 'accepted')
  const { mail, recipients } = server.received[0]!
  assert.deepEqual(recipients, ['ada.lovelace@example.com'])
  assert.match(mail.subject!, /^482913 رمز الدخول/)
  assert.match(mail.text!, /^482913[\s\S]*https:\/\/login\.example\.com\/l\/secret-link/)
  assert.match(mail.html!, /<html lang="ar" dir="rtl">/)
})
