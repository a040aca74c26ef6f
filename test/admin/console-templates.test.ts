import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { database } from '../oidc/provider.ts'
import { startServer } from '../support/server.ts'
import { startSmtp } from '../support/smtp-server.ts'
import { certificate } from '../support/tls.ts'
import { startTwilio } from '../support/twilio-double.ts'
import { becomeOwner } from './console.ts'

const scope = { after }
const twilio = await startTwilio(scope)
const smtp = await startSmtp(scope)
const server = await startServer(scope)
const sql = database(scope, server)
const { owner } = await becomeOwner(server)
const open = (path: string) => owner.open(`${server.baseUrl}/admin/${path}`)

await open('connectors/new/twilio-sms')
await owner.submit('new/twilio-sms', {
  id: 'sms-main',
  'config.accountSID': 'ACtest',
  'config.authToken': 'a-token',
  'config.fromNumber': '+15550100',
  'config.baseUrl': twilio.baseUrl,
})
await open('connectors/new/smtp-email')
await owner.submit('new/smtp-email', {
  id: 'mail',
  'config.host': '127.0.0.1',
  'config.port': String(smtp.port),
  'config.fromEmail': 'login@example.com',
  'config.tls.ca': certificate,
})

const sms = 'connectors/sms-main/templates'
const mail = 'connectors/mail/templates'
const frameOf = async () => {
  const [, src] = /<iframe[^>]*src="([^"]+)"/.exec(owner.here().html)!
  return owner.copy().open(new URL(src!.replaceAll('&amp;', '&'), server.baseUrl))
}

test('the grid says whose words are used, and what falls back to what', async () => {
  assert.match((await open('templates')).text, /Sign in Our words/)
  await open(`${sms}/SignIn/-`)
  const saved = await owner.submit('SignIn/-', { content: 'Sign in with {{code}}' })
  assert.match(saved.url, /done=saved$/)
  assert.match(saved.text, /Your own words\./)
  const { text } = await open('templates')
  assert.match(text, /Your words Sign in, Any language Falls back Sign in, English → Sign in, Any/)
})

test('a template without code or link is refused, and the message is named', async () => {
  await open(`${sms}/Register/de`)
  const { status, html, text } = await owner.submit('Register/de', { content: 'Willkommen!' })
  assert.equal(status, 422)
  assert.match(text, /The template for Register has neither \{\{code\}\} nor \{\{link\}\}/)
  assert.match(html, /id="field-content-error"/)
  assert.match(html, />Willkommen!<\/textarea>/)
  const unknown = await owner.submit('Register/de', { content: '{{code}} {{secret}}' })
  assert.match(unknown.text, /The template for Register mentions \{\{secret\}\}/)
  assert.match((await open(`${sms}/Register/de`)).text, /Our words are used/)
})

test('the preview is what is sent, before anything is saved', async () => {
  await open(`${sms}/SignIn/de`)
  const content = 'Ihr Code für {{application.name}}: {{code}}'
  const shown = await owner.submit('SignIn/de', { content, do: 'preview' })
  assert.equal(shown.status, 200)
  assert.match(shown.text, /Ihr Code für Example: 482913/)
  assert.match(shown.text, /1 text message, \d+ characters left Encoding GSM-7/)
  const sent = await owner.submit('SignIn/de', { to: '+41791234567', do: 'test' })
  assert.match(sent.text, /Accepted\. That is not delivered yet/)
  assert.match(twilio.asked.at(-1)!.form.Body!, /^Ihr Code für Test: \d{6}$/)
  assert.match(sent.html, />Ihr Code für \{\{application\.name\}\}: \{\{code\}\}<\/textarea>/)
  assert.match((await open(`${sms}/SignIn/de`)).text, /Nothing of its own/)

  const nothing = await owner.submit('SignIn/de', {
    content: 'Hallo',
    to: '+41791234567',
    do: 'test',
  })
  assert.equal(nothing.status, 422)
  assert.match(nothing.html, /id="field-content-error"/)
})

test('what makes a text message dear is named, and replaced with one click', async () => {
  await open(`${sms}/Generic/en`)
  const dear = await owner.submit('Generic/en', {
    content: 'It’s your code… {{code}}',
    do: 'preview',
  })
  assert.match(dear.text, /UCS-2 · 70 characters in one message/)
  assert.match(dear.text, /’ \(U\+2019\) × 1 → ' … \(U\+2026\) × 1 → \.\.\./)
  const cheap = await owner.submit('Generic/en', { do: 'replace' })
  assert.match(cheap.html, /It(&#39;|')s your code\.\.\. \{\{code\}\}<\/textarea>/)
  assert.match(cheap.text, /GSM-7 · 160 characters in one message/)
})

test('an email is shown in a frame of its own, which runs nothing and which nobody else frames', async () => {
  await open(`${mail}/SignIn/-`)
  const ours = await frameOf()
  assert.match(ours.text, /482913 is your code/)
  const content = '<style>b{color:red}</style><script>alert(1)</script><b>Hello {{code}}</b>'
  const shown = await owner.submit('SignIn/-', {
    contentType: 'text/html',
    subject: 'Code {{code}}',
    content,
    do: 'preview',
  })
  assert.match(shown.text, /Code 482913/)
  assert.ok(!shown.html.includes('<script>alert'))
  assert.match(shown.html, /<iframe[^>]*sandbox=""/)
  const frame = await frameOf()
  assert.match(frame.html, /<b>Hello 482913<\/b>/)
  assert.match(frame.headers.get('content-security-policy')!, /^sandbox; default-src 'none';/)
  assert.match(frame.headers.get('content-security-policy')!, /frame-ancestors 'self'/)
  assert.equal(frame.headers.get('x-frame-options'), 'SAMEORIGIN')
  assert.equal(shown.headers.get('x-frame-options'), 'DENY')
  // What was typed for one message is not shown for another.
  const other = await owner.copy().open(`${server.baseUrl}/admin/${mail}/Register/-/frame?typed=1`)
  assert.doesNotMatch(other.html, /Hello/)

  const sent = await owner.submit('SignIn/-', { to: 'ada@example.com', do: 'test' })
  assert.match(sent.text, /Accepted\./)
  const { subject, html } = smtp.received.at(-1)!.mail
  assert.match(subject!, /^Code \d{6}$/)
  assert.match(html!, /<b>Hello \d{6}<\/b>/)
})

test('versions show what changed, and an older one is restored', async () => {
  await open(`${sms}/ForgotPassword/-`)
  await owner.submit('ForgotPassword/-', { content: 'First {{code}}\nSame' })
  await owner.submit('ForgotPassword/-', { content: 'Second {{code}}\nSame' })
  const { html } = owner.here()
  assert.match(html, /<del>First \{\{code\}\}<\/del>/)
  assert.match(html, /<ins>Second \{\{code\}\}<\/ins>/)
  assert.match(html, /<span>Same<\/span>/)
  const [, second] = owner.here().forms.filter(({ action }) => action.endsWith('/restore'))
  const restored = await owner.submit((form) => form === second)
  assert.match(restored.html, />First \{\{code\}\}\nSame<\/textarea>/)
  const reset = await owner.submit('ForgotPassword/-/reset')
  assert.match(reset.text, /Our words are used/)
})

test('of two admins who write at once, one is told, and the words of neither are lost', async () => {
  await open(`${sms}/MfaVerification/-`)
  const other = owner.copy()
  await owner.submit('MfaVerification/-', { content: 'One {{code}}' })
  const told = await other.submit('MfaVerification/-', { content: 'Two {{code}}' })
  assert.equal(told.status, 412)
  assert.match(told.html, />Two \{\{code\}\}<\/textarea>/)
  const again = await other.submit('MfaVerification/-')
  assert.equal(again.status, 200)
  assert.match(again.html, />Two \{\{code\}\}<\/textarea>/)
})

test('a language that has no column yet gets one with its first words', async () => {
  await open('templates')
  await owner.submit(({ action }) => action.endsWith('/sms-main/templates'), {
    usageType: 'SignIn',
    locale: 'fr-CH',
  })
  await owner.submit('SignIn/fr-CH', { content: 'Votre code : {{code}}' })
  assert.match((await open('templates')).text, /Swiss French|French \(Switzerland\)/)
  assert.equal((await open(`${sms}/SignIn/not%20a%20tag`)).status, 422)
  assert.equal((await open(`${sms}/Nothing/-`)).status, 404)
  assert.equal((await open('connectors/nobody/templates/SignIn/-')).status, 404)
})

test('whoever may only read sees words and previews, and changes nothing', async () => {
  await sql("update admins set role = 'read-only'")
  try {
    const { html } = await open(`${sms}/SignIn/-`)
    assert.doesNotMatch(html, /value="(save|test)"/)
    const shown = await owner.submit('SignIn/-', { content: 'Hi {{code}}', do: 'preview' })
    assert.match(shown.text, /Hi 482913/)
    for (const [path, fields] of [
      ['', { content: '{{code}}', do: 'save' }],
      ['', { content: '{{code}}', to: '+41791234567', do: 'test' }],
      ['/reset', {}],
      ['/restore', { versionId: '1' }],
    ] as const) {
      const url = `${server.baseUrl}/admin/${sms}/SignIn/-${path}`
      assert.equal((await owner.post(url, fields)).status, 403, path)
    }
  } finally {
    await sql("update admins set role = 'owner'")
  }
})
