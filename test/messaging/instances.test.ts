import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadConnectors } from '#connectors/index.ts'
import { connectorSettings, inboxRepository, messaging } from '#src/messaging/index.ts'
import { testOnBoth, withDatabase } from '../support/database.ts'
import { requiredTemplates } from '../support/messages.ts'
import { secrets, setUp } from './support.ts'

const main = { id: 'main', connector: 'test-sms', config: { label: 'main' } }
const spare = { id: 'spare', connector: 'test-sms', config: { label: 'spare' }, priority: 20 }

const managed = async (db: Parameters<typeof setUp>[1]) =>
  db.query('test.managed', 'select id, managed_by_file, enabled from connectors order by id')

testOnBoth(
  'what a file names is set up, and what it no longer names is released, never deleted',
  async (t, db) => {
    const { apply } = await setUp(t, db, { instances: [main, spare] })
    await apply([{ ...main, enabled: false }])
    assert.deepEqual(await managed(db), [
      { id: 'main', managed_by_file: true, enabled: false },
      { id: 'spare', managed_by_file: false, enabled: true },
    ])
  },
)

test('a change is taken over within seconds, and the old connections are closed', async (t) => {
  const db = await withDatabase(t)
  const { apply, deliver, clock, sms } = await setUp(t, db, { instances: [main] })
  await deliver()
  await deliver()
  assert.equal(sms.opened, 1)

  await apply([{ ...main, config: { label: 'changed' } }])
  clock.ms += 4000
  await deliver()
  assert.deepEqual(sms.calls, ['main', 'main', 'changed'])
  assert.deepEqual([sms.opened, sms.closed], [2, 1])
})

test('an instance that is turned off sends nothing', async (t) => {
  const db = await withDatabase(t)
  const { service } = await setUp(t, db, { instances: [{ ...main, enabled: false }] })
  assert.equal(service.serves('sms'), false)
})

test('settings are refused all at once, each fault with its path, and nothing is stored', async (t) => {
  const db = await withDatabase(t)
  const connectors = await loadConnectors()
  const settings = connectorSettings({ connectors, secrets, evaluation: false })
  const faults = await settings.apply(db, [
    {
      id: 'ok',
      connector: 'smtp-email',
      config: { host: 'h', port: 25, fromEmail: 'a@b.example' },
    },
    {
      id: 'sms',
      connector: 'twilio-sms',
      countries: ['CH', 'ch'],
      config: {
        accountSID: 'x',
        authToken: 't',
        fromNumber: '+15550100',
        templates: [],
        colour: 1,
      },
    },
    { id: 'Bad Id', connector: 'pigeon' },
    { id: 'ok', connector: 'inbox' },
    { id: 'mail', connector: 'smtp-email', countries: ['CH'], config: { host: 'h' } },
    {
      id: 'worded',
      connector: 'smtp-email',
      config: { host: 'h', port: 25, fromEmail: 'a@b.example' },
      templates: [
        { usageType: 'SignIn', content: '{{code}}' },
        { usageType: 'SignIn', content: 'no code' },
        { usageType: 'Other', content: '{{code}}' },
      ],
    },
  ])
  assert.deepEqual(faults.map(({ path }) => path).sort(), [
    '1.config.accountSID',
    '1.config.colour',
    '1.config.templates',
    '1.config.templates',
    '1.config.templates',
    '1.config.templates',
    '1.countries.1',
    '2.connector',
    '2.id',
    '3.connector',
    '3.id',
    '4.config.fromEmail',
    '4.config.port',
    '4.countries',
    '5.templates.2.usageType',
  ])
  assert.ok(faults.some(({ message }) => message === 'The template for ForgotPassword is missing.'))
  assert.deepEqual(await managed(db), [])
})

const another = 'another root secret, which opens nothing here'

const started = async (db: Parameters<typeof setUp>[1], under: readonly string[]) =>
  messaging({
    db,
    secrets: under,
    connectors: await loadConnectors(),
    evaluation: false,
    i18n: { negotiate: () => assert.fail(), translator: () => assert.fail() },
    baseUrl: 'https://login.example.com',
    announce: () => {},
    log: { info() {}, warn() {}, error() {} },
  })

test('a start under other secrets does not pretend that nothing is set up', async (t) => {
  const db = await withDatabase(t)
  await setUp(t, db, { instances: [main] })
  await assert.rejects(started(db, [another]), /SECRET_KEYS/)
})

testOnBoth(
  'settings are sealed again under a newer secret, by several processes at once, and are the same',
  async (t, db) => {
    await setUp(t, db, { instances: [main, spare] })
    const deps = { connectors: await loadConnectors(), evaluation: false }
    const newer = connectorSettings({ ...deps, secrets: [another, ...secrets] })
    const read = () =>
      db.query<{ config: Buffer }>(
        'test.read',
        'select revision, config from connectors order by id',
      )
    const before = await read()
    await Promise.all([1, 2, 3].map(() => newer.sealAgain(db)))
    const after = await read()
    assert.deepEqual(
      after.map(({ config: _, ...row }) => row),
      before.map(({ config: _, ...row }) => row),
    )
    await (await started(db, [another])).close()
    await assert.rejects(started(db, secrets), /SECRET_KEYS/)
    await newer.sealAgain(db)
    assert.deepEqual(await read(), after)
  },
)

testOnBoth(
  'in evaluation mode, what nobody is set up to send goes to the inbox and the terminal',
  async (t, db) => {
    const { service, deliver, announced, sms } = await setUp(t, db, {
      evaluation: true,
      instances: [main],
    })
    assert.equal(service.serves('email'), true)
    assert.equal(await deliver({ channel: 'email', locale: 'de' }), 'accepted')
    assert.equal(await deliver({ channel: 'email', to: 'eve@example.com' }), 'accepted')
    assert.equal(await deliver(), 'accepted')
    assert.equal(sms.taken.length, 1)
    assert.deepEqual(
      announced.map(({ to, code }) => [to, code]),
      [
        ['ada.lovelace@example.com', '482913'],
        ['eve@example.com', '482913'],
      ],
    )

    const inbox = inboxRepository(db)
    const [first, second] = await inbox.list()
    assert.equal(second!.to, 'eve@example.com')
    assert.deepEqual(await inbox.list({ to: 'eve@example.com' }), [second])
    const { subject, text, html, createdAt, id, ...rest } = first!
    assert.deepEqual(rest, {
      channel: 'email',
      to: 'ada.lovelace@example.com',
      usageType: 'SignIn',
      locale: 'de',
      code: '482913',
      link: 'https://login.example.com/l/secret-link',
    })
    assert.match(subject! + text + html, /Anmeldung/)
    assert.ok(createdAt instanceof Date && id.length > 0)
    await inbox.clear()
    assert.deepEqual(await inbox.list(), [])
  },
)

testOnBoth('the inbox keeps the newest 500 messages', async (t, db) => {
  const { announced, deliver } = await setUp(t, db, { evaluation: true })
  await deliver()
  const inbox = inboxRepository(db)
  for (let index = 0; index < 505; index += 1) {
    await inbox.keep({ ...announced[0]!, id: `d${index}` })
  }
  const kept = await inbox.list()
  assert.equal(kept.length, 500)
  assert.deepEqual([kept[0]!.id, kept.at(-1)!.id], ['d5', 'd504'])
})

test('in production nothing stands in, and an inbox that was set up before sends nothing', async (t) => {
  const db = await withDatabase(t)
  const evaluation = await setUp(t, db, {
    evaluation: true,
    instances: [{ id: 'kept', connector: 'inbox' }],
  })
  assert.equal(evaluation.service.serves('sms'), true)
  const connectors = await loadConnectors()
  const production = await messaging({
    db,
    secrets,
    connectors,
    evaluation: false,
    i18n: { negotiate: () => assert.fail(), translator: () => assert.fail() },
    baseUrl: 'https://login.example.com',
    announce: () => assert.fail(),
    log: { info() {}, warn() {}, error() {} },
  })
  t.after(() => production.close())
  assert.equal(production.serves('sms'), false)
  assert.equal(production.serves('email'), false)
})

test("an instance's own templates are what its messages say", async (t) => {
  const db = await withDatabase(t)
  const { settings } = await setUp(t, db)
  const config = { accountSID: 'AC1', authToken: 't', fromNumber: '+15550100' }
  const faults = (templates: object[]) =>
    settings.validate({ id: 'sms', connector: 'twilio-sms', config: { ...config, templates } })
  assert.deepEqual(faults(requiredTemplates), [])
  assert.deepEqual(faults([...requiredTemplates, { usageType: 'BindMfa', content: 'Hello' }]), [
    {
      path: 'config.templates.4.content',
      message: 'The template for BindMfa has neither {{code}} nor {{link}}.',
    },
  ])
})

test('templates beside the settings are for some usages; the others keep our words', async (t) => {
  const db = await withDatabase(t)
  const connectors = await loadConnectors()
  const settings = connectorSettings({ connectors, secrets, evaluation: false })
  const mail = {
    id: 'mail',
    connector: 'smtp-email',
    config: { host: 'h', port: 25, fromEmail: 'a@b.example' },
  }
  const templates = [
    { usageType: 'SignIn', content: '{{code}}' },
    { usageType: 'SignIn', content: 'no code' },
    { usageType: 'Generic', content: '{{link}} {{nothing}}', locale: 'de' },
  ]
  const faults = settings.validate({ ...mail, templates })
  assert.deepEqual(
    faults.map(({ path }) => path),
    ['templates.1.content', 'templates.1', 'templates.2.content'],
  )
  const all = { ...mail, config: { ...mail.config, templates: [] } }
  assert.ok(
    settings
      .validate({ ...all, templates: templates.slice(0, 1) })
      .some(({ path }) => path === 'templates'),
  )
  assert.deepEqual(await settings.apply(db, [{ ...mail, templates: templates.slice(0, 1) }]), [])
  const [row] = await db.query<{ words: object }>('test.words', 'select words from connectors')
  assert.deepEqual(row?.words, templates.slice(0, 1))
})
