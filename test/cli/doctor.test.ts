import assert from 'node:assert/strict'
import { test } from 'node:test'
import { database } from '../oidc/provider.ts'
import { home, homeAlone, homeWithServer } from './command.ts'

interface Told {
  code: string
  state: string
  mend: string | null
}

const faultsIn = (found: readonly Told[]) =>
  found.filter(({ state }) => state === 'fault').map(({ code }) => code)

for (const kind of ['postgres', 'embedded'] as const) {
  test(`of a server that runs, the doctor finds no fault (${kind})`, async (t) => {
    const { server, machine } = await homeWithServer(t, kind)
    const { json } = await machine.done('doctor', '--json')
    assert.deepEqual(faultsIn(json), [])
    assert.ok(json.some(({ code }: Told) => code === 'issuer.answers'))
    const { out } = await machine.done('doctor')
    assert.match(out, /✓ Public address: Discovery answers at http:\/\/localhost/)
    assert.match(out, /! Owner: Nobody owns this server yet\.\n {4}Open the link/)
    await server.stop()
    const stopped = await machine.run('doctor', '--json')
    assert.equal(stopped.code, 1)
    assert.deepEqual(faultsIn(stopped.json), ['issuer.unreachable'])
    const { json: bundle } = await machine.done('doctor', '--bundle')
    assert.equal(bundle.info.storage.kind, kind)
  })
}

test('what keeps a server from starting is told, each with what to do', async (t) => {
  const nothing = await home(t, { NODE_ENV: 'production', BASE_URL: 'http://id.example.com' })
  const ended = await nothing.run('doctor')
  assert.equal(ended.code, 1)
  assert.match(ended.out, /✗ Environment: .*SECRET_KEYS: is missing; `openssl/)
  assert.match(ended.out, /has to be https in production/)
  assert.match(ended.err, /There are 3 faults/)

  const gone = await home(t, { DATABASE_URL: 'postgres://avouch:geheim@localhost:1/avouch' })
  const unreachable = await gone.run('doctor')
  assert.match(unreachable.out, /✗ Database: .*ECONNREFUSED/)
  assert.ok(!`${unreachable.out}${unreachable.err}`.includes('geheim'))

  const file = await nothing.file('avouch.yaml', 'codes: { lenght: 6 }\n')
  const misspelt = await home(t, { CONFIG_FILE: file })
  assert.match((await misspelt.run('doctor')).out, /codes\.lenght: .*is it length\? \(line 1\)/)
})

test('a database of an older release, or under another secret, is told from a broken one', async (t) => {
  const machine = await homeAlone(t, 'postgres')
  await machine.done('keys', 'list')
  const other = await home(t, {
    ...machine.env,
    SECRET_KEYS: 'another-secret-for-commands-0123456789ab',
  })
  assert.deepEqual(faultsIn((await other.run('doctor', '--json')).json), ['secrets.unknown'])

  const sql = database(t, { databaseUrl: machine.env.DATABASE_URL! })
  await sql('delete from knex_migrations where id = (select max(id) from knex_migrations)')
  const older = await machine.run('doctor', '--json')
  assert.deepEqual(faultsIn(older.json), ['schema.pending'])
  const refused = await machine.run('clients', 'list')
  assert.equal(refused.code, 2)
  assert.match(refused.err, /of an older release. Start the server once/)
})
