import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { requiredTemplates } from '../support/messages.ts'
import { ops, startManaged } from './api.ts'

const server = await startManaged({ after })
const api = await ops(server)

const sms = { accountSID: 'ACtest', authToken: 'a-token-of-this-account', fromNumber: '+15550100' }
const create = (id: string, more: object = {}) =>
  api.call('POST', '/connectors', { id, connector: 'twilio-sms', config: { ...sms, ...more } })
await create('words')
await create('whole', { templates: requiredTemplates })
await api.call('POST', '/connectors', {
  id: 'mail',
  connector: 'smtp-email',
  config: { host: 'smtp.example.com', port: 587, fromEmail: 'login@example.com' },
})

interface Cell {
  usageType: string
  locale: string | null
  state: string
  from: { usageType: string; locale: string | null } | null
}

const grid = async (id: string) => (await api.call('GET', `/connectors/${id}/templates`)).body
const cellOf = async (id: string, usageType: string, locale: string | null): Promise<Cell> =>
  (await grid(id)).cells.find(
    (cell: Cell) => cell.usageType === usageType && cell.locale === locale,
  )
const save = (id: string, usageType: string, words: object, query = '', headers = {}) =>
  api.call('PUT', `/connectors/${id}/templates/${usageType}${query}`, words, headers)

test('without templates everything is said in our own words, in every language', async () => {
  const body = await grid('words')
  assert.equal(body.channel, 'sms')
  assert.equal(body.usageTypes.length, 10)
  assert.deepEqual(body.locales, [null, 'en', 'ar', 'de'])
  assert.ok(body.cells.every(({ state }: Cell) => state === 'default'))
  const { body: german } = await api.call('GET', '/connectors/words/templates/SignIn?locale=de')
  assert.equal(
    german.words.content,
    '{{code}} ist Ihr Code zur Anmeldung bei {{application.name}}. {{expiresInMinutes}} Minuten gültig.',
  )
  const { body: mail } = await api.call('GET', '/connectors/mail/templates/SignIn')
  assert.equal(mail.words.contentType, 'text/html')
  assert.match(mail.words.content, /\{\{expiresInMinutes\}\} minutes/)
  assert.match(mail.words.subject, /\{\{code\}\}/)
})

test('one template of its own leaves the others as they were', async () => {
  const { status, body } = await save(
    'words',
    'SignIn',
    { content: 'Grüezi: {{code}}' },
    '?locale=de',
  )
  assert.equal(status, 200, JSON.stringify(body))
  assert.deepEqual([body.state, body.words.content], ['own', 'Grüezi: {{code}}'])
  assert.equal((await cellOf('words', 'SignIn', 'de')).state, 'own')
  assert.equal((await cellOf('words', 'SignIn', 'en')).state, 'default')
  assert.equal((await cellOf('words', 'Register', 'de')).state, 'default')

  await save('words', 'Generic', { content: 'Any: {{code}}' })
  assert.deepEqual(await cellOf('words', 'BindMfa', 'ar'), {
    usageType: 'BindMfa',
    locale: 'ar',
    state: 'fallback',
    from: { usageType: 'Generic', locale: null },
  })
  assert.equal((await cellOf('words', 'Register', 'ar')).state, 'default')
  const { body: instance } = await api.call('GET', '/connectors/words')
  assert.equal(instance.templates, 'some')
})

test('where all templates are given, what is missing falls back to one of them', async () => {
  assert.equal((await cellOf('whole', 'SignIn', null)).state, 'own')
  assert.deepEqual((await cellOf('whole', 'SignIn', 'de')).from, {
    usageType: 'SignIn',
    locale: null,
  })
  const removed = await api.call('DELETE', '/connectors/whole/templates/SignIn')
  assert.equal(removed.status, 422)
  assert.match(removed.body.errors[0].message, /The template for SignIn is missing/)
  await save('whole', 'SignIn', { content: 'Hoi {{code}}' }, '?locale=de-CH')
  assert.deepEqual((await grid('whole')).locales, [null, 'en', 'ar', 'de', 'de-CH'])
  const { body } = await api.call('GET', '/connectors/whole')
  assert.equal(body.config.templates.at(-1).content, 'Hoi {{code}}')
})

test('a template that can not work is refused, with the usage that it is for', async () => {
  for (const [words, path, message] of [
    [{ content: 'Hello' }, 'content', /for BindMfa has neither \{\{code\}\} nor \{\{link\}\}/],
    [{ content: '{{code}} {{cod}}' }, 'content', /for BindMfa mentions \{\{cod\}\}/],
    [{ content: '{{code}}', contentType: 'text/html' }, 'contentType', /plain/],
    [{ content: '{{code}}\0' }, 'content', /characters/],
    [{ content: '{{code}}\ud800' }, 'content', /characters/],
  ] as const) {
    const { status, body } = await save('words', 'BindMfa', words)
    assert.equal(status, 422, JSON.stringify(words))
    assert.equal(body.errors[0].path, path)
    assert.match(body.errors[0].message, message)
  }
  assert.equal((await save('words', 'Nonsense', { content: '{{code}}' })).status, 404)
  assert.equal((await save('nobody', 'SignIn', { content: '{{code}}' })).status, 404)
  assert.equal((await save('words', 'SignIn', { content: '{{code}}' }, '?locale=no_!')).status, 422)
})

test('of two who save at once, one is told', async () => {
  const { version } = await grid('words')
  const both = await Promise.all(
    ['One', 'Two'].map((word) =>
      save('words', 'Register', { content: `${word} {{code}}` }, '', {
        'if-match': `"${version}"`,
      }),
    ),
  )
  assert.deepEqual(both.map(({ status }) => status).sort(), [200, 412])
})

test('what words were is kept with who changed them, and comes back', async () => {
  const versions = async (query = '') =>
    (await api.call('GET', `/connectors/mail/templates/SignIn/versions${query}`)).body
  for (const word of ['One', 'Two']) {
    const saved = await save('mail', 'SignIn', { content: `${word} {{code}}`, subject: word })
    assert.equal(saved.status, 200)
  }
  const { data } = await versions()
  assert.deepEqual(
    data.map((each: { template: { content: string } | null }) => each.template?.content ?? null),
    ['Two {{code}}', 'One {{code}}', null],
  )
  assert.deepEqual(data[0].author, { kind: 'client', id: 'ops' })
  assert.equal(data[2].author, null)

  const restore = (versionId: string) =>
    api.call('POST', '/connectors/mail/templates/restore', { versionId })
  const one = await restore(data[1].id)
  assert.deepEqual([one.body.words.content, one.body.words.subject], ['One {{code}}', 'One'])
  const none = await restore(data[2].id)
  assert.equal(none.body.state, 'default')
  assert.equal((await versions()).data.length, 5)
  const first = await versions('?limit=2')
  assert.equal(first.data.length, 2)
  assert.equal((await versions(`?limit=2&cursor=${first.next}`)).data.length, 2)
  assert.equal((await restore('999999')).status, 404)
  assert.equal(
    (await api.call('POST', '/connectors/words/templates/restore', { versionId: data[1].id }))
      .status,
    404,
  )

  await save('mail', 'SignIn', { content: 'Three {{code}}' })
  assert.equal((await api.call('DELETE', '/connectors/mail/templates/SignIn')).status, 204)
  assert.equal((await api.call('DELETE', '/connectors/mail/templates/SignIn')).status, 404)
})

test('whoever pastes all templates says that there are no others, and that is a version too', async () => {
  await save('mail', 'Generic', { content: 'Mine {{code}}' })
  const { body } = await api.call('GET', '/connectors/mail')
  const pasted = await api.call('PATCH', '/connectors/mail', {
    config: { ...body.config, templates: requiredTemplates },
  })
  assert.equal(pasted.body.templates, 'own')
  const { body: generic } = await api.call('GET', '/connectors/mail/templates/Generic')
  assert.equal(generic.words.content, requiredTemplates.at(-1)!.content)
  const { body: past } = await api.call('GET', '/connectors/mail/templates/Generic/versions')
  assert.equal(past.data[1].template.content, 'Mine {{code}}')
})

const preview = async (id: string, body: object) =>
  (await api.call('POST', `/connectors/${id}/templates/preview`, body)).body

test('a preview shows the message with samples, and why it could not be saved', async () => {
  const saved = await preview('words', { usageType: 'SignIn', locale: 'de' })
  assert.deepEqual([saved.text, saved.html, saved.subject], ['Grüezi: 482913', null, null])
  assert.deepEqual(saved.faults, [])

  const mail = await preview('mail', {
    usageType: 'SignIn',
    content: '<p>{{user.name}}: <b>{{code}}</b></p>',
    subject: 'Hello {{application.name}}',
    contentType: 'text/html',
    applicationName: '<Shop>',
    withLink: true,
  })
  assert.equal(mail.subject, 'Hello <Shop>')
  assert.match(mail.html, /^<p>Ada Lovelace: <b>482913<\/b><\/p><p><a href="http/)
  assert.match(mail.text, /Ada Lovelace: 482913/)
  assert.equal(mail.sms, null)

  const wrong = await preview('words', { usageType: 'SignIn', content: 'Hello {{name}}' })
  assert.deepEqual(
    wrong.faults.map(({ path }: { path: string }) => path),
    ['content', 'content'],
  )
})

test('a preview of a text message says what it costs, why, and how it costs less', async () => {
  const cheap = await preview('words', { usageType: 'SignIn', content: 'Code {{code}}' })
  assert.deepEqual(cheap.sms, {
    encoding: 'GSM-7',
    units: 11,
    left: 149,
    segments: 1,
    costly: [],
    cheaper: null,
    boundLine: null,
  })
  const dear = await preview('words', {
    usageType: 'SignIn',
    content: 'Your “code” – {{code}}… ş 😀',
  })
  assert.equal(dear.sms.encoding, 'UCS-2')
  assert.deepEqual(dear.sms.costly, [
    { character: '“', count: 1, replacement: '"' },
    { character: '”', count: 1, replacement: '"' },
    { character: '–', count: 1, replacement: '-' },
    { character: '…', count: 1, replacement: '...' },
    { character: 'ş', count: 1, replacement: 's' },
    { character: '😀', count: 1, replacement: null },
  ])
  assert.equal(dear.sms.cheaper, 'Your "code" - {{code}}... s 😀')
})

test('on a public host, a preview ends with the line by which phones fill the code in', async (t) => {
  const other = await startManaged(t, { production: true })
  const there = await ops(other)
  await there.call('POST', '/connectors', { id: 'sms', connector: 'twilio-sms', config: sms })
  const { body } = await there.call('POST', '/connectors/sms/templates/preview', {
    usageType: 'SignIn',
  })
  assert.equal(body.sms.boundLine, '@id.example.com #482913')
  assert.equal(body.sms.segments, 1)
})
