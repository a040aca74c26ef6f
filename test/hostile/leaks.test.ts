import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import pg from 'pg'
import { relyingParty } from '../support/relying-party.ts'
import { fullRun } from './full-run.ts'
import { startProduction, vendorSecrets } from './production.ts'
import { dump, find, type Secret } from './search.ts'

const rootSecret = 'root-secret-of-the-operator-5b0d8f3c27a94e61'
const shop = await relyingParty({ after })
const grants = [
  'authorization_code',
  'refresh_token',
  'client_credentials',
  'urn:ietf:params:oauth:grant-type:device_code',
]
const production = await startProduction(
  { after },
  {
    clients: [{ ...shop.registration, grant_types: grants, api_scopes: ['orders:read'] }],
    resources: [{ indicator: 'https://api.example.com', scopes: ['orders:read'] }],
    sign_in_experience: { identifiers: ['email', 'phone', 'username'] },
    limits: { resend: [0] },
  },
  { env: { SECRET_KEYS: rootSecret, LOG_LEVEL: 'trace' } },
)
const { server } = production
await shop.discover(server)

const dumps: string[] = []
const keepDump = async () => void dumps.push(await dump(server.databaseUrl!))
const ofRun = await fullRun(production, shop, keepDump)
await keepDump()
const metrics = await (await fetch(`${server.metricsAddress}/metrics`)).text()
await server.stop()
await server.start()
await keepDump()

const all: Secret[] = [
  ...ofRun,
  { name: 'root secret', value: rootSecret },
  { name: 'client secret', value: String(shop.registration.client_secret) },
  ...Object.entries(vendorSecrets).map(([name, value]) => ({ name, value })),
]
const secrets = all.filter(
  ({ value }, index) => all.findIndex((one) => one.value === value) === index,
)
const inDatabase = secrets.filter((secret) => !secret.inDatabase)

test('the search finds a secret that was planted in the database, however it is written', async () => {
  const client = new pg.Client(server.databaseUrl!)
  await client.connect()
  try {
    for (const { value } of inDatabase) {
      const bytes = Buffer.from(value)
      const plants = [
        value,
        `{"a":"${value}"}`,
        bytes.toString('base64'),
        bytes.toString('base64url'),
        bytes.toString('hex'),
      ]
      for (const plant of plants) {
        await client.query("insert into audit_events (event, detail) values ('planted', $1)", [
          plant,
        ])
      }
      await client.query('insert into oidc_replays (id, expires_at) values ($1, now())', [bytes])
    }
    const rows = (await dump(server.databaseUrl!)).split('\n')
    for (const secret of inDatabase) {
      const { length } = rows.filter((row) => find([secret], row).length > 0)
      assert.ok(length >= 6, `${secret.name} (${secret.value}) was found ${length} times`)
    }
  } finally {
    await client.end()
  }
})

test('the search finds a secret that was planted in the output', () => {
  for (const secret of secrets) {
    const line = JSON.stringify({ level: 30, msg: `Signed in with ${secret.value}` })
    assert.equal(find([secret], `${server.output()}${line}\n`).length, 1, secret.name)
  }
})

test('a copy of the database holds nothing that opens anything', () => {
  assert.ok(dumps.length > 8 && dumps.at(-1)!.length > 10_000)
  assert.ok(secrets.length > 70, `${secrets.length} secrets were used`)
  for (const rows of dumps) assert.deepEqual(find(inDatabase, rows), [])
})

test('the output holds no secret, no whole phone number and no whole address', () => {
  assert.ok(server.output().split('\n').length > 5, server.output())
  assert.deepEqual(find(secrets, server.output()), [])
  assert.deepEqual(find(secrets, metrics), [])
})

test('the output says what happened all the same, one entry on each line', () => {
  const entries = server.log().map((line) => JSON.parse(line))
  assert.ok(entries.some(({ msg, channel }) => msg === 'Message accepted' && channel === 'sms'))
  assert.ok(
    entries.some(({ msg, vendorCode }) => msg === 'Message failed' && vendorCode === '21211'),
  )
  assert.ok(entries.every(({ level }) => level < 50))
})
