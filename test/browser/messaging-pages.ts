import type { Visitor } from '../support/http.ts'

/** Connectors, one of which fails, with words of their own and messages. */
export const messagingPages = async (owner: Visitor): Promise<string[]> => {
  await owner.open('/admin/connectors/new/twilio-sms')
  await owner.submit('new/twilio-sms', {
    id: 'sms-with-a-name-that-is-rather-long',
    'config.accountSID': 'ACtest',
    'config.authToken': 'a-token-of-some-length',
    'config.fromNumber': '+15550100',
    // Nobody listens there.
    'config.baseUrl': 'http://127.0.0.1:1',
    countries: 'CH, DE, AT',
  })
  await owner.submit('connectors/sms-with-a-name-that-is-rather-long', {
    to: '+41791234567',
    do: 'test',
  })
  const [tested] = /\/admin\/deliveries\/[\w-]{36}/.exec(owner.here().html)!
  await owner.open('/admin/connectors/new/smtp-email')
  await owner.submit('new/smtp-email', {
    id: 'mail',
    'config.host': 'smtp.example.com',
    'config.port': '587',
    'config.fromEmail': 'Example <login@example.com>',
  })
  const sms = '/admin/connectors/sms-with-a-name-that-is-rather-long/templates'
  await owner.open(`${sms}/SignIn/-`)
  await owner.submit('SignIn/-', { content: 'It’s {{code}}…\nhttps://example.com/a-long-address' })
  // What was made here is not to be in the way of other tests.
  await owner.open('/admin/connectors')
  await owner.submit('sms-with-a-name-that-is-rather-long/enabled')
  await owner.submit('mail/enabled')
  return [
    '/admin/connectors',
    '/admin/connectors/new',
    '/admin/connectors/new/smtp-email',
    '/admin/connectors/sms-with-a-name-that-is-rather-long',
    '/admin/connectors/mail',
    '/admin/templates',
    `${sms}/SignIn/-`,
    '/admin/connectors/mail/templates/Register/de',
    '/admin/deliveries',
    '/admin/deliveries?state=unknown&recipient=nobody@example.com',
    tested,
  ]
}
