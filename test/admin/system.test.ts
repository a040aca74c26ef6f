import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { freePort } from '../support/ports.ts'
import { refuses, startTwilio } from '../support/twilio-double.ts'
import { accessToken, apiOf, ops, program, startManaged } from './api.ts'

const planted = {
  token: 'planted-twilio-token-4321',
  sid: 'ACplanted5f6e7d8c9b0a',
  password: 'planted-mail-password-8765',
  host: 'planted-mail-host.example',
  code: '77553311',
  test: 'planted-test@example.com',
  email: 'planted-person@example.com',
  name: 'Planted Person',
  redirect: 'https://planted-shop.example/callback',
  label: 'planted label',
}

const twilio = await startTwilio({ after })
const server = await startManaged(
  { after },
  {
    config: {
      clients: [program('looker', ['settings:read']), program('elsewhere', ['clients:read'])],
      codes: { length: 8 },
      test_identifiers: [{ identifier: planted.test, code: planted.code }],
    },
    env: { MANAGEMENT_CLIENT_SECRET: 'planted-management-secret-0123456789' },
  },
)
const api = await ops(server)
const made = async (path: string, body: object) => {
  const answer = await api.call('POST', path, body)
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return answer.body
}

await made('/connectors', {
  id: 'text',
  connector: 'twilio-sms',
  config: {
    accountSID: planted.sid,
    authToken: planted.token,
    fromMessagingServiceSID: 'MGtest',
    baseUrl: twilio.baseUrl,
  },
})
const mailPort = await freePort()
await made('/connectors', {
  id: 'mail',
  connector: 'smtp-email',
  config: {
    host: '127.0.0.1',
    port: mailPort,
    auth: { user: 'planted-user', pass: planted.password },
    fromEmail: `Shop <login@${planted.host}>`,
  },
})
await made('/users', {
  name: planted.name,
  identifiers: [{ type: 'email', value: planted.email, verified: true }],
})
const client = await made('/clients', { redirect_uris: [planted.redirect] })
const hook = await made('/webhooks', { url: 'https://example.com/planted', events: ['test.*'] })

interface Found {
  check: string
  state: string
  code: string
  says: string
  mend: string | null
}

const examine = async (): Promise<Found[]> => {
  const { status, body } = await api.call('GET', '/system/doctor')
  assert.equal(status, 200, JSON.stringify(body))
  return body.data
}

test('what a vendor says against a connector is a fault with what to do about it', async () => {
  twilio.answer = refuses(401, 20003)
  const findings = await examine()
  const [mail, text] = findings.filter(({ check }) => check === 'connector')
  assert.equal(mail!.code, 'connector.refused')
  assert.match(mail!.says, /The vendor does not take mail: .*ECONNREFUSED/)
  assert.match(mail!.mend ?? '', /Nothing answers on this port/)
  assert.equal(text!.state, 'fault')
  for (const { state, mend, code } of findings) {
    assert.equal(mend !== null, state === 'fault' || state === 'advice', code)
  }
})

test('what is in order is said too, in the order of the checks', async () => {
  const codes = (await examine()).map(({ code }) => code)
  for (const code of [
    'environment.evaluation',
    'database.postgres',
    'schema.current',
    'clock.same',
    'secrets.open',
    'issuer.answers',
    'keys.there',
    'channel.served',
    'templates.complete',
    'client.there',
    'owner.none',
  ]) {
    assert.ok(codes.includes(code), `${code} of ${codes.join(' ')}`)
  }
  assert.ok(codes.indexOf('database.postgres') < codes.indexOf('owner.none'))
})

test('a server says what it is', async () => {
  const { status, body } = await api.call('GET', '/system')
  assert.equal(status, 200)
  assert.equal(body.mode, 'evaluation')
  assert.equal(body.storage.kind, 'postgres')
  assert.match(body.release, /^\d+\.\d+\.\d+$/)
  assert.deepEqual(body.schema.pending, [])
  assert.ok(body.processes.connections >= 1)
})

test('the support bundle holds no secret, no address and no name', async () => {
  const answer = await api.call('GET', '/system/bundle')
  assert.equal(answer.status, 200)
  assert.equal(answer.body.connectors.length, 2)
  assert.equal(answer.body.settings.testIdentifiers, 1)
  assert.ok(answer.body.clients.length >= 3)
  const url = new URL(server.databaseUrl!)
  const secrets = {
    ...planted,
    client: client.client_secret,
    clientHash: client.secrets[0].id,
    hook: hook.secret,
    hookUrl: hook.url,
    management: 'planted-management-secret-0123456789',
    ops: 'a-management-secret-for-tests-only-a-secret',
    root: 'a-secret-for-tests-only',
    database: url.pathname.slice(1),
    bearer: api.token,
  }
  const written = [
    JSON.stringify(answer.body),
    JSON.stringify(await examine()),
    JSON.stringify((await api.call('GET', '/system')).body),
    server.output(),
  ]
  for (const [name, secret] of Object.entries(secrets)) {
    assert.ok(secret.length > 5, name)
    // The doctor names the domain that mail comes from, to those who may see the settings.
    for (const text of name === 'host' ? [written[0]!, written[3]!] : written) {
      assert.ok(
        !text.includes(secret),
        `${name}: ${text.slice(text.indexOf(secret) - 200).slice(0, 300)}`,
      )
    }
  }
})

test('only those who may see the settings are told', async () => {
  const looker = apiOf(server, await accessToken(server, 'looker', ['settings:read']))
  const other = apiOf(server, await accessToken(server, 'elsewhere', ['clients:read']))
  for (const path of ['/system', '/system/doctor', '/system/bundle']) {
    assert.equal((await looker.call('GET', path)).status, 200, path)
    assert.equal((await other.call('GET', path)).status, 403, path)
  }
})
