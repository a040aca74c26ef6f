import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Template } from '#connectors/contract.ts'
import {
  bindToOrigin,
  chooseTemplate,
  complete,
  fill,
  type Values,
} from '#src/messaging/template.ts'

const values: Values = {
  code: '482913',
  link: 'https://login.example.com/l/x?a=1&b=2',
  expiresInMinutes: '10',
  'application.name': 'Demo & <Sons>',
  'user.name': 'Ada',
  change: '',
  locale: 'en',
}

test('placeholders are filled in once, and nothing else is', () => {
  for (const [text, filled] of [
    ['{{code}} {{ code }} {{code}}', '482913 482913 482913'],
    ['{{application.name}}', 'Demo & <Sons>'],
    ['{{constructor}} {{__proto__}} {{toString}}', '{{constructor}} {{__proto__}} {{toString}}'],
    ['#{7*7} $' + '{7*7} {code} {{}} {{{code}}}', '#{7*7} $' + '{7*7} {code} {{}} {482913}'],
    ['$& $1 {{code}}', '$& $1 482913'],
  ] as const) {
    assert.equal(fill(text, values, 'text'), filled)
  }
  assert.equal(fill('{{application.name}}', values, 'html'), 'Demo &amp; &lt;Sons&gt;')
  assert.equal(fill('{{link}}', values, 'html'), 'https://login.example.com/l/x?a=1&amp;b=2')
})

test('a value is one line, and a placeholder in a value stays as it is', () => {
  const name = (given: string) =>
    fill('Hi {{user.name}}!', { ...values, 'user.name': given }, 'text')
  assert.equal(name('{{code}}'), 'Hi {{code}}!')
  assert.equal(
    name('Ada\r\nBcc: x@y.z\n\n@evil.example #000000'),
    'Hi Ada Bcc: x@y.z @evil.example #000000!',
  )
  assert.equal(name('Ada\u2028Eve'), 'Hi Ada Eve!')
})

test('no value whatever changes what stands around it', () => {
  const piece = fc.oneof(fc.string(), fc.constantFrom('{{code}}', '{{', '}}', '<b>', '\n', '$&'))
  const value = fc.array(piece).map((pieces) => pieces.join(''))
  fc.assert(
    fc.property(value, value, (one, two) => {
      const given = { ...values, 'user.name': one, 'application.name': two }
      const html = fill('<p>{{user.name}}</p><i>{{application.name}}</i>{{code}}', given, 'html')
      assert.match(html, /^<p>[^<>"']*<\/p><i>[^<>"']*<\/i>482913$/)
      const text = fill('[{{user.name}}]', given, 'text')
      assert.equal(text.split('\n').length, 1)
      assert.equal(text, `[${one.replace(/\p{Cc}+/gu, ' ')}]`)
    }),
  )
})

const templates: Template[] = [
  { usageType: 'SignIn', content: 'SignIn' },
  { usageType: 'SignIn', content: 'SignIn de', locale: 'de' },
  { usageType: 'SignIn', content: 'SignIn de-CH', locale: 'de-CH' },
  { usageType: 'Register', content: 'Register fr', locale: 'fr' },
  { usageType: 'ForgotPassword', content: 'ForgotPassword', locale: 'pt-BR' },
  { usageType: 'Generic', content: 'Generic' },
  { usageType: 'Generic', content: 'Generic ar', locale: 'ar' },
  { usageType: 'MfaVerification', content: 'MfaVerification de', locale: 'de' },
]

test('the template is the one for the usage in the language, or the nearest', () => {
  for (const [usageType, locale, content] of [
    ['SignIn', 'de-CH', 'SignIn de-CH'],
    ['SignIn', 'DE-ch', 'SignIn de-CH'],
    ['SignIn', 'de-AT', 'SignIn de'],
    ['SignIn', 'de', 'SignIn de'],
    ['SignIn', 'en', 'SignIn'],
    ['Register', 'fr-CA', 'Register fr'],
    ['Register', 'en', 'Generic'],
    ['MfaVerification', 'de', 'MfaVerification de'],
    ['MfaVerification', 'ar', 'Generic ar'],
    ['BindMfa', 'ar-EG', 'Generic ar'],
    ['OrganizationInvitation', 'en', 'Generic'],
  ] as const) {
    assert.equal(chooseTemplate(templates, usageType, locale)?.content, content)
  }
  const onlyGerman = templates.filter(({ locale }) => locale === 'de')
  assert.equal(chooseTemplate(onlyGerman, 'SignIn', 'en')?.content, 'SignIn de')
  assert.equal(chooseTemplate([], 'SignIn', 'en'), null)
})

test('a link that a template does not mention is added, and so is a code where there is no link', () => {
  for (const [content, hasLink, format, expected] of [
    ['{{code}}', false, 'text', '{{code}}'],
    ['{{code}} \n', true, 'text', '{{code}}\n\n{{link}}'],
    ['{{ link }}', true, 'text', '{{ link }}'],
    ['Click {{link}}', false, 'text', 'Click {{link}}\n\n{{code}}'],
    ['<b>{{code}}</b>', true, 'html', '<b>{{code}}</b><p><a href="{{link}}">{{link}}</a></p>'],
    ['<body>{{link}}</body >', false, 'html', '<body>{{link}}<p>{{code}}</p></body >'],
  ] as const) {
    assert.equal(complete(content, hasLink, format), expected)
  }
})

test('the last line of a text message binds its code to our host, once', () => {
  const bound = 'Code 1\n\n@login.example.com #1'
  assert.equal(bindToOrigin('Code 1', 'login.example.com', '1'), bound)
  assert.equal(bindToOrigin('Code 1\n', 'login.example.com', '1'), bound)
  assert.equal(bindToOrigin(bound, 'login.example.com', '1'), bound)
  assert.equal(bindToOrigin('@other.example #1', 'login.example.com', '1'), '@other.example #1')
  for (const host of ['localhost', 'id.localhost', '127.0.0.1', '[::1]']) {
    assert.equal(bindToOrigin('Code 1', host, '1'), 'Code 1')
  }
})
