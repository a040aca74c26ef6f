import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { type Api, accessToken, apiOf, program } from '../admin/api.ts'
import { ask, basic } from '../oidc/provider.ts'
import type { Server } from '../support/server.ts'
import { assertNothingIsDefault, password, seen, setUpByHand, token } from './by-hand.ts'
import { type Home, homeAlone, homeWithServer } from './command.ts'

const apiOn = async (server: Server): Promise<Api> =>
  apiOf(server, await accessToken(server, 'ops'))

/** The commands of a machine, with what its environment needs for a file. */
const managed = { config: { clients: [program('ops')] } }

const secretsOf = (machine: Home) => ({
  TEXT_AUTH_TOKEN: token,
  MAIL_AUTH_PASS: password,
  ...machine.env,
})

for (const [from, to] of [
  ['postgres', 'embedded'],
  ['embedded', 'postgres'],
] as const) {
  test(`a server set up by hand is exported, applied to an empty one, and is the same (${from} to ${to})`, async (t) => {
    const old = await homeWithServer(t, from, managed)
    const { secret, webhookSecret } = await setUpByHand(await apiOn(old.server))
    const exported = await old.machine.done('config', 'export', '--output', 'avouch.yaml')
    const text = await readFile(join(old.machine.folder, 'avouch.yaml'), 'utf8')
    assert.match(exported.err, /SHOP_SECRET +clients\.shop\.client_secret/)
    assert.match(exported.err, /TEXT_AUTH_TOKEN +connectors\.text\.config\.authToken/)
    assert.match(exported.err, /WEBHOOK_ORDERS_SECRET +webhooks\.orders\.secret/)
    const secrets = [secret, webhookSecret, token, password]
    for (const hidden of [...secrets, 'sha256:', 'whsec_']) assert.ok(!text.includes(hidden))
    assert.ok(!text.includes('client_id: demo'))
    // The exported file itself differs in nothing from where it comes from.
    const same = await old.machine.run('config', 'diff', 'avouch.yaml')
    assert.equal(same.out, '', same.err)
    assert.equal(same.code, 0)

    const fresh = await homeWithServer(t, to, managed)
    await fresh.machine.file('avouch.yaml', text)
    const early = await fresh.machine.run('config', 'apply', 'avouch.yaml')
    assert.equal(early.code, 2)
    assert.match(early.err, /authToken: needs the variable TEXT_AUTH_TOKEN, .*\(line \d+\)/)
    Object.assign(fresh.machine.env, secretsOf(fresh.machine), {
      SHOP_SECRET: secret,
      WEBHOOK_ORDERS_SECRET: webhookSecret,
    })
    const { out } = await fresh.machine.run('config', 'diff', 'avouch.yaml')
    assert.match(out, /^\+ clients\.shop: /m)
    assert.match(
      out,
      /^~ sign_in_experience\.mfa\.after_passwordless: "when_enrolled" → "required"$/m,
    )
    for (const hidden of secrets) assert.ok(!out.includes(hidden))

    const applied = await fresh.machine.done('config', 'apply', 'avouch.yaml', '--json')
    // The other webhook: nobody has said its secret.
    assert.equal(applied.json.secrets.length, 1)
    assert.match(applied.json.secrets[0].secret, /^whsec_/)
    assert.notEqual(applied.json.secrets[0].webhook_id, 'orders')
    const nothing = await fresh.machine.run('config', 'diff', 'avouch.yaml')
    assert.equal(nothing.out, '', nothing.err)
    assert.equal(nothing.code, 0)
    const [one, two] = [await seen(await apiOn(old.server)), await seen(await apiOn(fresh.server))]
    assertNothingIsDefault(one)
    assert.deepEqual(two, one)
    const again = await fresh.machine.done('config', 'export')
    assert.deepEqual(parse(again.out), parse(text))
    const tried = async (value: string) => {
      const fields = {
        grant_type: 'authorization_code',
        code: 'x',
        redirect_uri: 'https://x.example',
      }
      return (await ask(fresh.server, 'token', fields, basic('shop', value))).body.error
    }
    assert.equal(await tried(`${secret}x`), 'invalid_client')
    assert.notEqual(await tried(secret), 'invalid_client')
  })
}

test('a client whose secret nobody gives gets a new one, printed once; others keep theirs', async (t) => {
  const machine = await homeAlone(t, 'postgres')
  await machine.file('shop.yaml', file(`client_secret: \${SHOP_SECRET}`))
  const first = (await machine.done('config', 'apply', 'shop.yaml', '--json')).json
  assert.equal(first.secrets[0].client_id, 'shop')
  assert.equal(first.secrets[0].client_secret.length, 43)
  const second = await machine.run('config', 'apply', 'shop.yaml')
  assert.match(second.err, /It is as the file says already/)

  machine.env.SHOP_SECRET = 'another-one-that-applications-have-already'
  const differs = await machine.run('config', 'diff', 'shop.yaml')
  assert.equal(differs.code, 1)
  assert.equal(differs.out, '~ clients.shop.client_secret\n')
  await machine.done('config', 'apply', 'shop.yaml')
  assert.equal((await machine.run('config', 'diff', 'shop.yaml')).code, 0)
  machine.env.SHOP_SECRET = 'short'
  const weak = await machine.run('config', 'apply', 'shop.yaml')
  assert.match(weak.err, /clients\[0\]\.client_secret: has 5 characters, .*\(line 4\)/)
})

const file = (more: string) =>
  `clients:\n  - client_id: shop\n    redirect_uris: [https://shop.example/callback]\n    ${more}\n`

test('of a file with one fault nothing is applied, and every fault has its line', async (t) => {
  const machine = await homeAlone(t, 'embedded')
  const clients = file('first_party: true')
  const cases: [string, RegExp][] = [
    ['codes: { length: 5 }', /codes\.length: has to be at least 6 \(line 5\)/],
    ['codes: { lenght: 8 }', /codes\.lenght: is not known here; is it length\? \(line 5\)/],
    [
      'sign_in_experience:\n  registration: domains',
      /sign_in_experience\.registration_domains: is empty/,
    ],
    ['words:\n  de:\n    nothing.here: x', /words\.de\.nothing\.here: is no text of these pages/],
    [
      'connectors:\n  - { id: a, connector: twilio-sms, config: { accountSID: ACx } }',
      /connectors\[0\]\.config\.authToken: .*\(line 6\)/,
    ],
    ['codes: { length: 8', /file: .*line 6|file: /],
    [`codes: { length: \${LENGTH} }`, /codes\.length: needs the variable LENGTH/],
  ]
  for (const [text, words] of cases) {
    await machine.file('wrong.yaml', `${clients}${text}\n`)
    const { code, err } = await machine.run('config', 'apply', 'wrong.yaml')
    assert.equal(code, 2, `${text}\n${err}`)
    assert.match(err, words)
  }
  assert.deepEqual((await machine.done('clients', 'list', '--json')).json, [])

  machine.env.LENGTH = '8'
  await machine.file('right.yaml', `codes: { length: \${LENGTH} }\n`)
  assert.equal((await machine.done('config', 'apply', 'right.yaml')).out, '~ codes.length: 6 → 8\n')
})

test('what the configuration file of the server holds is refused, and the rest undone', async (t) => {
  const { machine } = await homeWithServer(t, 'embedded', {
    config: { clients: [{ client_id: 'held', redirect_uris: ['https://held.example/cb'] }] },
  })
  const held = 'clients:\n  - { client_id: new, redirect_uris: [https://new.example/cb] }\n'
  await machine.file(
    'held.yaml',
    `${held}  - { client_id: held, redirect_uris: [https://x.example/] }\n`,
  )
  const { code, err } = await machine.run('config', 'apply', 'held.yaml')
  assert.equal(code, 2)
  assert.match(err, /clients\[1\]: The configuration file holds this.* \(line 3\)/)
  const ids = (await machine.done('clients', 'list', '--json')).json.map(
    ({ client_id }: { client_id: string }) => client_id,
  )
  assert.ok(!ids.includes('new'))
})
