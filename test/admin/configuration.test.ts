import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { parseConfigFile } from '#config/file.ts'
import { toYaml } from '#config/yaml.ts'
import { writeState } from '#src/admin/configuration/index.ts'
import { defaultSettings } from '#src/settings/index.ts'
import { database } from '../oidc/provider.ts'
import { accessToken, apiOf, ops, program, startManaged } from './api.ts'

const server = await startManaged(
  { after },
  {
    config: {
      clients: [
        program('settings-only', ['settings:read', 'settings:write']),
        program('reader', ['settings:read', 'clients:read', 'connectors:read', 'webhooks:read']),
      ],
    },
  },
)
const api = await ops(server)
const sql = database({ after }, server)
const as = async (clientId: string, scopes?: string[]) =>
  apiOf(server, await accessToken(server, clientId, scopes))

const token = 'a-planted-twilio-token-9182'
const own = 'a-planted-client-secret-0123456789-abc'
const shop = {
  client_id: 'shop',
  client_secret: own,
  redirect_uris: ['https://shop.example/callback'],
}
const text = {
  id: 'text',
  connector: 'twilio-sms',
  config: { accountSID: 'ACtest', authToken: token, fromNumber: '+15550100' },
}

test('who may not see what a file holds gets none, and who may only see changes nothing', async () => {
  const half = await as('settings-only')
  for (const [method, path, body] of [
    ['GET', '/configuration'],
    ['POST', '/configuration/diff', {}],
    ['POST', '/configuration', {}],
  ] as const) {
    const answer = await half.call(method, path, body)
    assert.equal(answer.status, 403, path)
    assert.match(answer.body.detail, /It needs (connectors|clients):read/)
  }
  const reader = await as('reader')
  assert.equal((await reader.call('GET', '/configuration')).status, 200)
  assert.equal((await reader.call('POST', '/configuration/diff', { clients: [shop] })).status, 200)
  assert.equal((await reader.call('POST', '/configuration', {})).status, 403)
})

test('what is applied is noted like any change, and no secret with it', async () => {
  const { status, body } = await api.call('POST', '/configuration', {
    clients: [shop, { ...shop, client_id: 'made', client_secret: null }],
    connectors: [text],
    codes: { length: 8 },
  })
  assert.equal(status, 200, JSON.stringify(body))
  assert.deepEqual(
    body.changes.map(({ path }: { path: string }) => path),
    ['clients.shop', 'clients.made', 'connectors.text', 'codes.length'],
  )
  assert.deepEqual(
    body.secrets.map(({ client_id }: { client_id: string }) => client_id),
    ['made'],
  )
  const rows = await sql<{ event: string; all: string }>(
    `select event, e::text as all from audit_events e where actor_id = 'ops' order by id`,
  )
  for (const event of [
    'client.created',
    'connector.created',
    'settings.changed',
    'configuration.applied',
  ]) {
    assert.ok(
      rows.some((row) => row.event === event),
      event,
    )
  }
  for (const { all } of rows) {
    for (const secret of [token, own, body.secrets[0].client_secret]) {
      assert.ok(!all.includes(secret))
    }
  }
  const { body: exported } = await api.call('GET', '/configuration')
  assert.ok(!JSON.stringify(exported).includes(token))
  assert.ok(!JSON.stringify(exported).includes(own))
})

test('all of a file is applied or nothing, whatever of it is wrong', async () => {
  const before = (await api.call('GET', '/configuration')).body
  const right = { ...shop, client_id: 'never', client_secret: null }
  for (const [wrong, path] of [
    [{ clients: [right], codes: { length: 99 } }, 'codes.length'],
    [{ clients: [right, { client_id: 'x' }] }, 'clients[1].redirect_uris'],
    [{ clients: [right, { ...shop, client_id: 'avouch-cli' }] }, 'clients[1].client_id'],
    [{ clients: [right, { ...shop, client_secret: 'weak' }] }, 'clients[1].client_secret'],
    [{ clients: [right], connectors: [{ ...text, connector: 'smtp-email' }] }, /^connectors\[0\]/],
    [
      { clients: [right], connectors: [{ ...text, id: 'other', config: null }] },
      /^connectors\[0\]/,
    ],
    [
      {
        clients: [right],
        connectors: [
          { ...text, config: { ...text.config, baseUrl: 'https://evil.example', authToken: null } },
        ],
      },
      'connectors[0].config.authToken',
    ],
    [{ clients: [right], sign_in_experience: { registration: 'domains' } }, /registration_domains/],
    [{ clients: [right], __proto__: { a: 1 }, constructor: {} }, 'constructor'],
    [{ clients: 'all' }, 'clients'],
    [
      { connectors: [{ ...text, config: { a: { b: { c: { d: { e: { f: 1 } } } } } } }] },
      /^connectors\[0\]/,
    ],
  ] as const) {
    const { status, body } = await api.call('POST', '/configuration', wrong)
    assert.equal(status, 422, JSON.stringify(body))
    const paths = body.errors.map((each: { path: string }) => each.path)
    assert.ok(
      paths.some((each: string) => (typeof path === 'string' ? each === path : path.test(each))),
      `${path}: ${JSON.stringify(body.errors)}`,
    )
  }
  const deep = `{"codes":${'{"a":'.repeat(30_000)}1${'}'.repeat(30_000)}}`
  const json = { 'content-type': 'application/json' }
  for (const path of ['/configuration', '/configuration/diff']) {
    const { status, body } = await api.call('POST', path, deep, json)
    assert.equal(status, 422, JSON.stringify(body))
  }
  assert.deepEqual((await api.call('GET', '/configuration')).body, before)
})

test('a secret of a connector that nobody gives is kept, but not for another place to send it', async () => {
  const withheld = { ...text, priority: 5, config: { ...text.config, authToken: null } }
  const { status, body } = await api.call('POST', '/configuration', { connectors: [withheld] })
  assert.equal(status, 200, JSON.stringify(body))
  assert.deepEqual(body.changes, [
    { path: 'connectors.text.priority', kind: 'changed', before: 10, after: 5 },
  ])
  const again = await api.call('POST', '/configuration/diff', {
    connectors: [{ ...withheld, config: text.config }],
  })
  assert.deepEqual(again.body.changes, [])
  const other = { ...withheld, config: { ...text.config, authToken: `${token}x` } }
  const differs = await api.call('POST', '/configuration/diff', { connectors: [other] })
  assert.deepEqual(differs.body.changes, [
    { path: 'connectors.text.config.authToken', kind: 'changed' },
  ])
})

test('two who apply a file at once both get what they asked for, once', async () => {
  const file = { clients: [{ ...shop, client_id: 'twice' }], codes: { tries: 7 } }
  const both = await Promise.all([1, 2].map(() => api.call('POST', '/configuration', file)))
  for (const { status } of both) assert.ok(status === 200 || status === 422, String(status))
  assert.ok(both.some(({ status }) => status === 200))
  assert.deepEqual((await api.call('POST', '/configuration/diff', file)).body.changes, [])
})

const signs = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

test('whatever a name or a text is, the file that is written reads as it', () => {
  const text = fc
    .string({ unit: fc.constantFrom('a', '$', '{', '}', '"', "'", '#', ':', '\n', ' ', '-', 'ü') })
    .filter((each) => each !== '')
  fc.assert(
    fc.property(text, text, fc.constantFrom('shop', 'a-b', '1'), (content, subject, id) => {
      const { document, variables } = writeState({
        clients: [],
        connectors: [
          {
            id,
            connector: 'twilio-sms',
            priority: 10,
            countries: null,
            enabled: true,
            config: { authToken: '••••', baseUrl: subject },
            templates: [{ usageType: 'SignIn', content }],
          },
        ],
        webhooks: [
          { id, url: 'https://a.example/', events: ['*'], description: subject, enabled: true },
        ],
        secrets: new Map([['twilio-sms', ['authToken']]]),
        settings: { ...defaultSettings, words: { de: { 'a.b': subject.replaceAll('\n', ' ') } } },
      })
      const { connectors, webhooks, settings } = parseConfigFile(toYaml(document), {
        variables: Object.fromEntries(
          variables.map(({ name, path }) => [name, path.startsWith('webhooks') ? signs : token]),
        ),
        validateConnector: () => [],
        production: true,
      })
      assert.deepEqual(connectors[0]?.templates, [{ usageType: 'SignIn', content }])
      assert.deepEqual(connectors[0]?.config, { authToken: token, baseUrl: subject })
      assert.equal(webhooks[0]?.description, subject.trim())
      assert.equal(webhooks[0]?.secret, signs)
      assert.equal(settings.words?.de?.['a.b'], subject.replaceAll('\n', ' '))
    }),
    { numRuns: 500 },
  )
})
