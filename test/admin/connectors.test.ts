import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { requiredTemplates } from '../support/messages.ts'
import { accepts, startTwilio } from '../support/twilio-double.ts'
import { accessToken, apiOf, ops, program, startManaged } from './api.ts'

const token = 'a-twilio-token-that-nobody-may-see-4321'
const password = 'a-mail-password-that-nobody-may-see-8765'
const scope = { after }

const twilio = await startTwilio(scope)
const filed = {
  id: 'filed',
  connector: 'twilio-sms',
  priority: 500,
  countries: ['FR'],
  config: { accountSID: 'ACfile', authToken: token, fromNumber: '+15550100' },
}
const server = await startManaged(scope, {
  config: {
    connectors: [filed],
    clients: [program('looker', ['connectors:read', 'deliveries:read'])],
  },
})
const api = await ops(server)
const as = async (clientId: string, scopes?: string[]) =>
  apiOf(server, await accessToken(server, clientId, scopes))

const config = (more: object = {}) => ({
  accountSID: 'ACtest',
  authToken: token,
  fromMessagingServiceSID: 'MGtest',
  baseUrl: twilio.baseUrl,
  ...more,
})

const paths = (body: { errors: { path: string }[] }) => body.errors.map(({ path }) => path)

test('what instances can be made of is told with schema, secrets, guide and logo', async () => {
  const { status, body } = await api.call('GET', '/connector-kinds')
  assert.equal(status, 200)
  const sms = body.data.find(({ id }: { id: string }) => id === 'twilio-sms')
  assert.deepEqual(sms.channels, ['sms'])
  assert.equal(sms.schema.properties.authToken.secret, true)
  assert.deepEqual(sms.secrets, ['authToken'])
  assert.match(sms.readme, /^# Twilio/)
  assert.match(sms.logo, /^<svg/)
  const mail = body.data.find(({ id }: { id: string }) => id === 'smtp-email')
  assert.deepEqual(mail.secrets, ['auth.pass'])
})

test("the JSON of Logto's Twilio connector is taken as it is, and its token never shown again", async () => {
  const { status, body } = await api.call('POST', '/connectors', {
    id: 'pasted',
    connector: 'twilio-sms',
    enabled: false,
    config: {
      accountSID: 'ACpasted',
      authToken: token,
      fromMessagingServiceSID: 'MGpasted',
      disableRiskCheck: false,
      templates: [
        { usageType: 'SignIn', content: 'Your sign-in code is {{code}}.' },
        { usageType: 'Register', content: 'Your sign-up code is {{code}}.' },
        { usageType: 'ForgotPassword', content: 'Your reset code is {{code}}.' },
        { usageType: 'Generic', content: 'Your code is {{code}}.' },
      ],
    },
  })
  assert.equal(status, 201, JSON.stringify(body))
  assert.equal(body.config.authToken, '••••4321')
  assert.equal(body.templates, 'own')
  assert.deepEqual([body.version, body.managedByFile, body.priority], [1, false, 10])
  const twice = await api.call('POST', '/connectors', {
    id: 'pasted',
    connector: 'twilio-sms',
    config: config(),
  })
  assert.equal(twice.body.code, 'already_exists')
})

test("the JSON of Logto's SMTP connector is taken as it is", async () => {
  const { status, body } = await api.call('POST', '/connectors', {
    id: 'pasted-mail',
    connector: 'smtp-email',
    enabled: false,
    config: {
      host: 'smtp.example.com',
      port: 465,
      auth: { type: 'login', user: 'avouch', pass: password },
      fromEmail: 'Example <login@example.com>',
      replyTo: '',
      templates: requiredTemplates.map((each) => ({
        ...each,
        contentType: 'text/plain',
        subject: 'Your code',
      })),
      logger: false,
      debug: false,
      disableFileAccess: false,
      disableUrlAccess: false,
      secure: true,
      tls: {},
      servername: '',
      connectionTimeout: 120_000,
    },
  })
  assert.equal(status, 201, JSON.stringify(body))
  assert.equal(body.config.auth.pass, '••••8765')
})

test('a masked secret that is sent back is kept, and is not sent to another server', async () => {
  await api.call('POST', '/connectors', {
    id: 'kept',
    connector: 'twilio-sms',
    enabled: false,
    config: config(),
  })
  const { body: before, headers } = await api.call('GET', '/connectors/kept')
  const renamed = { ...before.config, fromMessagingServiceSID: 'MGother' }
  const changed = await api.call('PATCH', '/connectors/kept', { config: renamed })
  assert.equal(changed.status, 200)
  assert.equal(changed.body.config.fromMessagingServiceSID, 'MGother')
  twilio.answer = accepts
  const verified = await api.call('POST', '/connectors/verify', {
    id: 'kept',
    connector: 'twilio-sms',
    config: changed.body.config,
  })
  assert.equal(verified.body.verified, true, JSON.stringify(verified.body))
  assert.equal(twilio.asked.at(-1)!.credentials, `ACtest:${token}`)

  for (const [one, path] of [
    [{ ...before.config, baseUrl: 'https://elsewhere.example' }, 'config.authToken'],
    [{ ...before.config, authToken: '••••0000' }, 'config.authToken'],
  ] as const) {
    for (const [method, where, body] of [
      ['PATCH', '/connectors/kept', { config: one }],
      ['POST', '/connectors/verify', { id: 'kept', connector: 'twilio-sms', config: one }],
    ] as const) {
      const refused = await api.call(method, where, body)
      assert.equal(refused.status, 422)
      assert.deepEqual(paths(refused.body), [path])
    }
  }
  const stale = await api.call(
    'PATCH',
    '/connectors/kept',
    { priority: 3 },
    {
      'if-match': headers.get('etag')!,
    },
  )
  assert.equal(stale.status, 412)
})

test('of two who change the same at once, one is told', async () => {
  const { body, headers } = await api.call('GET', '/connectors/pasted')
  const change = (priority: number) =>
    api.call('PATCH', '/connectors/pasted', { priority }, { 'if-match': headers.get('etag')! })
  const both = await Promise.all([change(21), change(22)])
  assert.deepEqual(both.map(({ status }) => status).sort(), [200, 412])
  assert.equal(both.find(({ status }) => status === 200)!.body.version, body.version + 1)
})

test('each fault is told with its place, and a template with the usage that it is for', async () => {
  const { status, body } = await api.call('POST', '/connectors', {
    id: 'Bad Id',
    connector: 'twilio-sms',
    countries: ['CH', 'XX'],
    config: {
      accountSID: 'nonsense',
      authToken: token,
      fromNumber: '+15550100',
      shoes: 1,
      templates: [
        ...requiredTemplates,
        { usageType: 'BindMfa', content: 'Hello' },
        { usageType: 'MfaVerification', content: '{{code}} {{secret}}' },
      ],
    },
  })
  assert.equal(status, 422)
  assert.deepEqual(paths(body).sort(), [
    'config.accountSID',
    'config.shoes',
    'config.templates[4].content',
    'config.templates[5].content',
    'countries[1]',
    'id',
  ])
  const words = body.errors.map(({ message }: { message: string }) => message).join('\n')
  assert.match(words, /The template for BindMfa has neither \{\{code\}\} nor \{\{link\}\}/)
  assert.match(words, /The template for MfaVerification mentions \{\{secret\}\}/)
  const unknown = await api.call('POST', '/connectors', {
    id: 'x',
    connector: 'pigeon',
    config: {},
  })
  assert.deepEqual(paths(unknown.body), ['connector'])
  assert.equal((await api.call('POST', '/connectors', { id: 'x', shoes: 1 })).status, 422)
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
  for (const [path, config] of [
    ['config', `{"tls":${deep}}`],
    ['config.__proto__', '{"__proto__":{"a":1}}'],
    ['id', '{"accountSID":"AC\\u0000"}'],
  ]) {
    const id = path === 'id' ? 'x\\u0000' : 'x'
    const text = `{"id":"${id}","connector":"smtp-email","config":${config}}`
    const { status } = await api.call('POST', '/connectors', text)
    assert.ok(status === 422 || status === 400, `${path}: ${status}`)
  }
})

test('what the configuration file holds is looked at, and changed there alone', async () => {
  const { body } = await api.call('GET', '/connectors/filed')
  assert.equal(body.managedByFile, true)
  assert.equal(body.config.authToken, '••••4321')
  for (const [method, path, sent] of [
    ['PATCH', '/connectors/filed', { enabled: false }],
    ['DELETE', '/connectors/filed', undefined],
    ['PUT', '/connectors/order', { ids: ['pasted', 'filed'] }],
    ['PUT', '/connectors/filed/templates/SignIn', { content: '{{code}}' }],
  ] as const) {
    const { status, body } = await api.call(method, path, sent)
    assert.equal(status, 409, `${method} ${path}`)
    assert.equal(body.code, 'managed_by_file')
  }
})

test('instances are put into another order, and removed', async () => {
  const { status, body } = await api.call('PUT', '/connectors/order', { ids: ['kept', 'pasted'] })
  assert.equal(status, 200)
  assert.deepEqual(
    body.data.map(({ id }: { id: string }) => id),
    ['kept', 'pasted', 'pasted-mail', 'filed'],
  )
  const unknown = await api.call('PUT', '/connectors/order', { ids: ['nobody'] })
  assert.deepEqual(paths(unknown.body), ['ids[0]'])
  assert.equal((await api.call('DELETE', '/connectors/pasted')).status, 204)
  assert.equal((await api.call('GET', '/connectors/pasted')).status, 404)
  assert.equal((await api.call('DELETE', '/connectors/pasted')).status, 404)
})

test('what is saved is tried in its order, and begins in good health', async () => {
  twilio.answer = accepts
  const saved = await api.call('POST', '/connectors', {
    id: 'live',
    connector: 'twilio-sms',
    priority: 0,
    config: config({ authToken: 'another-token-of-this-account' }),
  })
  assert.equal(saved.status, 201)
  const { body: queued } = await api.call('GET', '/connectors')
  assert.equal(queued.data[0].id, 'live')
  assert.deepEqual(queued.data[0].circuit, { state: 'closed', until: null })
  const { body: plain } = await api.call('GET', '/connectors?health=false')
  const { health, ...rest } = queued.data[0]
  assert.deepEqual(plain.data[0], rest)
  assert.equal(health.day.sent, 0)
})

test('secrets are in no answer and in no row of the audit log', async () => {
  const { body } = await api.call('GET', '/connectors')
  assert.ok(!JSON.stringify(body).includes('nobody-may-see'))
  const { body: log } = await api.call('GET', '/audit?limit=100')
  assert.ok(JSON.stringify(log).includes('connector.verified'))
  assert.ok(!JSON.stringify(log).includes('nobody-may-see'))
  assert.ok(!server.output().includes('nobody-may-see'))
})

test('whoever may only look changes nothing and sends nothing', async () => {
  const looker = await as('looker', ['connectors:read', 'deliveries:read'])
  assert.equal((await looker.call('GET', '/connectors')).status, 200)
  assert.equal((await looker.call('GET', '/deliveries')).status, 200)
  for (const [method, path, body] of [
    ['POST', '/connectors', { id: 'x', connector: 'inbox', config: {} }],
    ['PATCH', '/connectors/kept', { enabled: true }],
    ['PUT', '/connectors/order', { ids: ['kept'] }],
    ['DELETE', '/connectors/kept', undefined],
    ['POST', '/connectors/test', {}],
    ['POST', '/connectors/verify', {}],
    ['PUT', '/connectors/kept/templates/SignIn', { content: '{{code}}' }],
    ['DELETE', '/connectors/kept/templates/SignIn', undefined],
    ['POST', '/connectors/kept/templates/restore', { versionId: '1' }],
  ] as const) {
    const { status } = await looker.call(method, path, body)
    assert.equal(status, 403, `${method} ${path}`)
  }
})
