/** How the first owner comes to be, and that nobody is there before. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { managementScopes } from '#src/admin/index.ts'
import { sha256 } from '#src/lib/crypto.ts'
import { ask } from '../oidc/provider.ts'
import { temporaryFolder } from '../support/folders.ts'
import { createDatabase } from '../support/fresh-database.ts'
import { guard } from '../support/guard.ts'
import { visitor } from '../support/http.ts'
import { freePort } from '../support/ports.ts'
import { startServer } from '../support/server.ts'
import { ops, startManaged } from './api.ts'
import { becomeOwner, ownerEmail, ownerLink, ownerPassword, provePassword } from './console.ts'
import { sqlOf } from './people.ts'

const isForm = (form: { action: string }) => !form.action.endsWith('/sign-in')
const typed = { name: 'Olga Owner', email: ownerEmail, new_password: ownerPassword }

test('a new server has no account, no admin and no client that manages it', async () => {
  const server = await startServer({ after })
  const sql = sqlOf({ after }, server)
  for (const table of ['users', 'admins', 'clients']) {
    const rows = await sql<{ client_id?: string }>(`select * from ${table}`)
    assert.deepEqual(
      rows.filter(({ client_id }) => client_id !== 'demo'),
      [],
      table,
    )
  }
  for (const id of ['management', 'admin', 'avouch', 'avouch-console', 'avouch-cli', 'demo']) {
    for (const secret of ['', 'admin', 'password', 'secret', 'changeme', id]) {
      const { status } = await ask(server, 'token', {
        grant_type: 'client_credentials',
        client_id: id,
        client_secret: secret,
        scope: managementScopes.join(' '),
        resource: `${server.baseUrl}/api`,
      })
      assert.ok(status >= 400 && status < 500, `${id} ${secret}: ${status}`)
    }
  }
})

test('of the printed link only a hash is stored, and it is good for an hour', async () => {
  const server = await startServer({ after })
  const sql = sqlOf({ after }, server)
  const token = (await ownerLink(server)).split('/').at(-1)!
  const rows = await sql<{ hash: Buffer; minutes: number }>(
    `select hash, extract(epoch from expires_at - now())::float8 / 60 as minutes from owner_links`,
  )
  assert.equal(rows.length, 1)
  assert.ok(rows[0]!.hash.equals(sha256(token)))
  assert.ok(rows[0]!.minutes > 58 && rows[0]!.minutes <= 60, String(rows[0]!.minutes))
})

test('the link is on standard output and nowhere else', async (t) => {
  const [port, metrics, demo] = [await freePort(), await freePort(), await freePort()]
  const { url, drop } = await createDatabase()
  t.after(drop)
  const home = await temporaryFolder('claim')
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../src/main.ts')], {
    cwd: home,
    env: {
      PATH: process.env.PATH,
      HOST: '127.0.0.1',
      PORT: String(port),
      METRICS_PORT: String(metrics),
      DEMO_PORT: String(demo),
      BASE_URL: `http://localhost:${port}`,
      DATABASE_URL: url,
      SECRET_KEYS: 'a-secret-for-tests-only-a-secret-for-tests-only',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  guard(child)
  const said = { stdout: '', stderr: '' }
  const printed = Promise.withResolvers<void>()
  child.stderr.on('data', (part) => {
    said.stderr += part
  })
  child.stdout.on('data', (part) => {
    said.stdout += part
    if (said.stdout.includes('/admin/claim/')) printed.resolve()
  })
  child.once('exit', () => printed.reject(new Error(said.stdout + said.stderr)))
  await printed.promise
  child.removeAllListeners('exit')
  child.kill('SIGTERM')
  await once(child, 'exit')
  assert.doesNotMatch(said.stderr, /admin\/claim/)
  for (const line of said.stdout.split('\n').filter((each) => each.startsWith('{'))) {
    assert.doesNotMatch(line, /admin\/claim/, 'no entry of the log')
  }
})

test('whoever made an account by the link owns nothing before a second factor is there', async () => {
  const server = await startServer({ after })
  const sql = sqlOf({ after }, server)
  const person = visitor(server)
  await person.open(await ownerLink(server))
  await person.submit(isForm, typed)
  const admins = () => sql('select role from admins')
  assert.deepEqual(await admins(), [], 'an account alone')
  await person.submit('verify/password', { password: ownerPassword })
  assert.deepEqual(await admins(), [], 'a password alone')
  const left = await visitor(server).open(`${server.baseUrl}/admin`)
  assert.match(new URL(left.url).pathname, /^\/interaction\//)
})

test('ADMIN_EMAIL says who may use the link, and is no way in by itself', async () => {
  const server = await startServer({ after }, { env: { ADMIN_EMAIL: 'Chosen@Example.com' } })
  const sql = sqlOf({ after }, server)
  assert.deepEqual(await sql('select 1 from users'), [], 'nobody is made of it')

  const stranger = visitor(server)
  await stranger.open(await ownerLink(server))
  const page = await stranger.submit(isForm, typed)
  // The form has the address; what else is sent in its place counts for nothing.
  assert.notEqual(page.status, 422, page.text)
  const made = await sql<{ value: string }>('select value from identifiers')
  assert.deepEqual(made, [{ value: 'chosen@example.com' }])
})

test('whoever signs in with the link and is not whom ADMIN_EMAIL names owns nothing', async () => {
  const server = await startManaged({ after }, { env: { ADMIN_EMAIL: 'chosen@example.com' } })
  const sql = sqlOf({ after }, server)
  const email = 'stranger@example.com'
  const { status } = await (await ops(server)).call('POST', '/users', {
    name: 'Stan Stranger',
    identifiers: [{ type: 'email', value: email, verified: true }],
    password: ownerPassword,
  })
  assert.equal(status, 201)
  const stranger = visitor(server)
  const link = await ownerLink(server)
  await stranger.open(link)
  await stranger.submit((form) => !isForm(form))
  await provePassword(server, stranger, email)
  assert.equal(stranger.here().status, 403)
  assert.match(stranger.here().text, /Somebody else is to be the owner/)
  assert.deepEqual(await sql('select 1 from admins'), [])
  assert.equal((await visitor(server).open(link)).status, 200, 'the link is not spent by it')
})

test('ownership begins with a password and an app, and then the link is spent', async () => {
  const server = await startServer({ after }, { env: { ADMIN_EMAIL: ownerEmail } })
  const sql = sqlOf({ after }, server)
  const link = await ownerLink(server)
  await becomeOwner(server)
  assert.deepEqual(await sql('select role from admins'), [{ role: 'owner' }])
  assert.deepEqual(await sql('select 1 from owner_links'), [])
  assert.equal((await visitor(server).open(link)).status, 410)
})
