import assert from 'node:assert/strict'
import { test } from 'node:test'
import { announce, announcement, banner } from '#src/dev/index.ts'
import { email, textMessage } from './messages.ts'

test('the terminal shows who got which code', () => {
  const lines: string[] = []
  const tell = announce((line) => lines.push(line))
  tell(textMessage)
  tell(email)
  assert.deepEqual(lines, [
    'Text message to +1 201 555 0123: 482913\n',
    `Email to anna@example.com: 617204  ${email.link}\n`,
  ])
})

test('a message can not rewrite the terminal around it', () => {
  const line = announcement({
    channel: 'email',
    to: 'anna\u001b[2J\r\n@example.com',
    code: '1\u202e2\u0007\u2028',
    link: null,
  })
  assert.equal(line, 'Email to anna[2J@example.com: 12')
})

test('a message without code and link points to the inbox', () => {
  const line = announcement({ channel: 'sms', to: '+12015550123', code: null, link: null })
  assert.equal(line, 'Text message to +1 201 555 0123: no code, see the inbox')
})

test('the start banner says where everything is, what to type and how to stop', () => {
  const places = {
    demo: 'http://localhost:3001',
    inbox: 'http://localhost:3000/dev/inbox',
    issuer: 'http://localhost:3000/oidc',
  }
  const text = banner(places)
  for (const url of Object.values(places)) assert.ok(text.includes(url))
  assert.match(text, /\+1 201 555 0123/)
  assert.match(text, /Ctrl\+C/)
  assert.doesNotMatch(text, /Console/)
  assert.match(banner({ ...places, console: 'http://localhost:3000/admin' }), /Console +http/)
  for (const line of text.split('\n')) assert.ok(line.length <= 88, line)
})
