import assert from 'node:assert/strict'
import { test } from 'node:test'
import smtpEmail from '#connectors/smtp-email/index.ts'
import twilioSms from '#connectors/twilio-sms/index.ts'
import { faultsIn, requiredTemplates } from '../support/messages.ts'

const inSms = (templates: unknown) =>
  faultsIn(twilioSms, { accountSID: 'AC1', authToken: 't', fromNumber: '+15550100', templates })
const inEmail = (templates: unknown) =>
  faultsIn(smtpEmail, { host: 'h', port: 25, fromEmail: 'a@b.example', templates })
const and = (one: object) => [...requiredTemplates, { usageType: 'Generic', locale: 'de', ...one }]

test('templates may be left out, or be given for all four usages', () => {
  assert.deepEqual(inSms(undefined), [])
  assert.deepEqual(inSms(requiredTemplates), [])
  assert.deepEqual(inEmail(requiredTemplates), [])
  assert.deepEqual(inSms(requiredTemplates.slice(0, 2)), [
    'templates: The template for ForgotPassword is missing.',
    'templates: The template for Generic is missing.',
  ])
})

test('a template that cannot work is refused, and the refusal names its usage type', () => {
  for (const [one, fault] of [
    [{ content: 'Hello' }, 'content: The template for Generic has neither {{code}} nor {{link}}.'],
    [{ content: '{code}' }, 'content: The template for Generic has neither {{code}} nor {{link}}.'],
    [
      { content: '{{code}} {{cod}}' },
      'content: The template for Generic mentions {{cod}}; there is only code, link, ' +
        'expiresInMinutes, application.name, user.name, locale, change.',
    ],
    [
      { content: '{{code}} {{constructor}}' },
      'content: The template for Generic mentions {{constructor}}; there is only code, link, ' +
        'expiresInMinutes, application.name, user.name, locale, change.',
    ],
    [
      { content: '{{code}}', subject: 'a\r\nBcc: b' },
      'subject: The template for Generic has a subject of more than one line.',
    ],
    [
      { content: '{{code}}', locale: 'not a tag' },
      'locale: The template for Generic has a locale that is not a language tag (BCP 47).',
    ],
  ] as const) {
    assert.deepEqual(inEmail(and(one)), [`templates.4.${fault}`])
  }
  assert.deepEqual(inSms(and({ content: '{{code}}', contentType: 'text/html' })), [
    'templates.4.contentType: The template for Generic is for a text message, which is plain.',
  ])
  assert.deepEqual(inSms([...requiredTemplates, ...requiredTemplates.slice(0, 1)]), [
    'templates.4: The template for SignIn is given twice.',
  ])
  assert.match(inSms(and({ content: '{{code}}', usage: 'x' }))[0]!, /usage/)
})

test('spaces in a placeholder, other usages and languages are all right', () => {
  const more = { usageType: 'MfaVerification', content: '{{ link }} {{ user.name }}', locale: 'ar' }
  assert.deepEqual(inSms(and(more)), [])
})
