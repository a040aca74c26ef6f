import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Channel, usageTypes } from '#connectors/contract.ts'
import { segments } from '#connectors/segments.ts'
import { loadLocales } from '#src/lib/i18n.ts'
import { compose } from '#src/messaging/compose.ts'
import { noticeKinds } from '#src/messaging/contract.ts'
import type { Claimed } from '#src/messaging/delivery-repository.ts'

const i18n = loadLocales(join(import.meta.dirname, '../../views/locales'))
/** All but notices, which have nothing to type. */
const usagesWithCode = usageTypes.filter((usageType) => usageType !== 'SecurityNotice')
const deps = { i18n, baseUrl: 'https://login.example.com' }
// 128 bits, as links in text messages have.
const link = 'https://login.example.com/l/AAAAAAAAAAAAAAAAAAAAAA'

const delivery = (channel: Channel, given: Partial<Claimed> = {}, variables = {}): Claimed => ({
  id: 'd1',
  channel,
  usageType: 'SignIn',
  to: channel === 'sms' ? '+41791234567' : 'ada@example.com',
  locale: 'en',
  variables: {
    code: '482913',
    link: null,
    expiresInMinutes: 10,
    applicationName: 'Demo App',
    userName: null,
    ...variables,
  },
  ...given,
})

test('our text message says the code, for what, how long, and where it belongs', () => {
  assert.equal(
    compose(delivery('sms'), undefined, deps).text,
    '482913 is your code to sign in to Demo App. Valid for 10 minutes.\n\n@login.example.com #482913',
  )
  const german = compose(
    delivery('sms', { locale: 'de-CH' }, { expiresInMinutes: 1 }),
    undefined,
    deps,
  )
  assert.equal(german.locale, 'de')
  assert.equal(
    german.text,
    '482913 ist Ihr Code zur Anmeldung bei Demo App. 1 Minute gültig.\n\n@login.example.com #482913',
  )
})

for (const { code: locale } of i18n.languages) {
  test(`our text messages are short in ${locale}, for every usage`, () => {
    for (const usageType of usagesWithCode) {
      for (const expiresInMinutes of [1, 2, 5, 10, 15, 60]) {
        for (const variables of [{ applicationName: 'A name of 24 letters now' }, { link }]) {
          const one = delivery('sms', { locale, usageType }, { ...variables, expiresInMinutes })
          const { text } = compose(one, undefined, deps)
          const { encoding, count, forcedBy } = segments(text)
          assert.ok(count <= (encoding === 'GSM-7' ? 1 : 2), `${count} segments:\n${text}`)
          if (locale === 'en' || locale === 'de') assert.equal(forcedBy, null, text)
          assert.match(text, /^482913 [\s\S]*\n\n@login\.example\.com #482913$/)
          assert.doesNotMatch(text, /\{|\}|undefined/)
        }
      }
    }
  })

  test(`our emails have code and link in all their parts in ${locale}, for every usage`, () => {
    for (const usageType of usagesWithCode) {
      const { subject, text, html } = compose(
        delivery('email', { locale, usageType }, { link }),
        undefined,
        deps,
      )
      assert.match(subject!, /482913/)
      assert.match(text.split('\n')[0]!, /482913/)
      assert.ok(text.includes(`\n${link}\n`))
      assert.ok(html!.includes('>482913</div>'))
      assert.equal(html!.split(`href="${link}"`).length, 3, 'a button and the link in clear')
      assert.ok(html!.includes(`>${link}</a>`))
      assert.ok(html!.includes(`<html lang="${locale}" dir="${locale === 'ar' ? 'rtl' : 'ltr'}">`))
      assert.match(html!, /prefers-color-scheme: dark/)
      assert.doesNotMatch(subject + text + html, /\{\{|\}\}|undefined/)
    }
  })
}

for (const { code: locale } of i18n.languages) {
  test(`our notices are short and lead to the account in ${locale}, for every change`, () => {
    const account = 'https://login.example.com/account/activity'
    for (const notice of noticeKinds) {
      const variables = {
        code: '',
        link: account,
        notice,
        applicationName: 'A name of 24 letters now',
      }
      const given = { locale, usageType: 'SecurityNotice' } as const
      const sms = compose(delivery('sms', given, variables), undefined, deps)
      const { encoding, count } = segments(sms.text)
      assert.ok(count <= (encoding === 'GSM-7' ? 1 : 2), `${count} segments:\n${sms.text}`)
      assert.ok(sms.text.endsWith(account), 'nothing to fill in comes behind it')

      const email = compose(delivery('email', given, variables), undefined, deps)
      assert.ok(email.text.startsWith(`${email.subject}.`))
      assert.ok(email.html!.includes(`href="${account}"`))
      for (const text of [sms.text, email.subject!, email.text, email.html!]) {
        assert.doesNotMatch(text, /\{\{|\}\}|undefined|messages\.|482913/)
      }
    }
  })
}

test('an operator says in a notice what has changed in words of their own', () => {
  const own = [
    { usageType: 'Generic', content: '{{code}}' },
    { usageType: 'SecurityNotice', content: 'Look: {{change}}.' },
  ] as const
  const given = { usageType: 'SecurityNotice', locale: 'de' } as const
  const variables = { code: '', link: 'https://x.example', notice: 'passkey_added' } as const
  const { text } = compose(delivery('sms', given, variables), own, deps)
  assert.equal(text, 'Look: Ein Passkey wurde hinzugefügt.\n\nhttps://x.example')
})

test('an email without a link mentions none', () => {
  const { text, html } = compose(delivery('email'), undefined, deps)
  assert.doesNotMatch(text + html, /href|https?:| link/)
})

test('the name of an application is text, and a long one costs no second text message', () => {
  const name = '<b>Ünïted</b> {{code}} & a very long name'
  const { html, subject } = compose(
    delivery('email', {}, { applicationName: name }),
    undefined,
    deps,
  )
  assert.ok(html!.includes('&lt;b&gt;Ünïted&lt;/b&gt; {{code}} &amp; a very long name'))
  assert.ok(subject!.endsWith(name))
  const { text } = compose(
    delivery('sms', {}, { applicationName: 'x'.repeat(200) }),
    undefined,
    deps,
  )
  assert.match(text, / x{22}\.{3} /)
})

const operators = [
  {
    usageType: 'SignIn',
    content: '<p>Hi {{user.name}}: {{code}}</p>',
    contentType: 'text/html',
    subject: '{{application.name}}: {{code}}',
  },
  { usageType: 'Generic', content: 'Plain {{code}} for {{expiresInMinutes}} min ({{locale}})' },
] as const

test("an operator's own words are used, with the link that they forgot", () => {
  const variables = { link, userName: 'Ada <3' }
  const html = compose(delivery('email', {}, variables), operators, deps)
  assert.equal(html.subject, 'Demo App: 482913')
  assert.equal(html.html, `<p>Hi Ada &lt;3: 482913</p><p><a href="${link}">${link}</a></p>`)
  assert.equal(html.text, `Hi Ada <3: 482913\n\n${link}`)

  const plain = compose(delivery('email', { usageType: 'BindMfa' }), operators, deps)
  assert.equal(plain.html, null)
  assert.equal(plain.text, 'Plain 482913 for 10 min (en)')
  assert.match(plain.subject!, /482913/)

  const sms = compose(delivery('sms', { usageType: 'Register' }), operators, deps)
  assert.equal(sms.text, 'Plain 482913 for 10 min (en)\n\n@login.example.com #482913')
  assert.equal(sms.subject, null)
})
