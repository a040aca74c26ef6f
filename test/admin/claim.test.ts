/** How the first owner comes to be, and that nobody is there before. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { managementScopes } from '#src/admin/index.ts'
import { sha256 } from '#src/lib/crypto.ts'
import { totpCode } from '../browser/authenticator.ts'
import { ask } from '../oidc/provider.ts'
import { visitor } from '../support/http.ts'
import { inbox } from '../support/inbox.ts'
import { startServer } from '../support/server.ts'
import { ops, startManaged } from './api.ts'
import { ownerEmail, ownerLink, ownerPassword, provePassword } from './console.ts'
import { sqlOf } from './people.ts'

const isForm = (form: { action: string }) => !form.action.endsWith('/sign-in')

const server = await startServer({ after })
const sql = sqlOf({ after }, server)
const admins = () => sql('select role from admins')

test('a new server has no account, no admin and no client that manages it', async () => {
  for (const table of ['users', 'admins', 'clients']) {
    const rows = await sql<{ client_id?: string }>(`select * from ${table}`)
    const own = rows.filter(({ client_id }) => client_id !== 'demo')
    assert.deepEqual(own, [], table)
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
  const token = (await ownerLink(server)).split('/').at(-1)!
  const rows = await sql<{ hash: Buffer; minutes: number }>(
    `select hash, extract(epoch from expires_at - now())::float8 / 60 as minutes from owner_links`,
  )
  assert.equal(rows.length, 1)
  assert.ok(rows[0]!.hash.equals(sha256(token)))
  assert.ok(rows[0]!.minutes > 50 && rows[0]!.minutes <= 60, String(rows[0]!.minutes))
})

test('the link is printed for the operator, and is in no entry of the log', () => {
  for (const line of server.log().filter((each) => each.startsWith('{'))) {
    assert.doesNotMatch(line, /admin\/claim/)
  }
  assert.doesNotMatch(server.errors(), /admin\/claim/)
})

test('ownership begins once a password and an app are proven, and the link is spent', async () => {
  const link = await ownerLink(server)
  const person = visitor(server)
  await person.open(link)
  await person.submit(isForm, {
    name: 'Olga Owner',
    email: ownerEmail,
    new_password: ownerPassword,
  })
  assert.deepEqual(await admins(), [], 'an account alone')
  await person.submit('identify', { identifier: ownerEmail })
  const asks = (end: string) => person.here().forms.some(({ action }) => action.endsWith(end))
  if (!asks('/verify/password')) await person.submit('start/password')
  await person.submit('verify/password', { password: ownerPassword })
  if (asks('/verify/email-code')) {
    await person.submit('verify/email-code', { code: await inbox(server).codeFor(ownerEmail) })
  }
  assert.deepEqual(await admins(), [], 'a password alone')
  const key = /id="totp-key"[^>]*>([\w\s]+)</.exec(person.here().html)![1]!.replace(/\s/g, '')
  await person.submit('verify/totp', { code: totpCode(key) })
  await person.submit('profile', { saved: 'on' })
  assert.deepEqual(await admins(), [{ role: 'owner' }])
  assert.deepEqual(await sql('select 1 from owner_links'), [])
  assert.equal((await visitor(server).open(link)).status, 410)
})

test('ADMIN_EMAIL says who may use the link, and is no way in by itself', async (t) => {
  const chosen = await startManaged(t, { env: { ADMIN_EMAIL: 'Chosen@Example.com' } })
  const query = sqlOf(t, chosen)
  assert.deepEqual(await query('select 1 from users'), [], 'nobody is made of it')
  const link = await ownerLink(chosen)

  const email = 'stranger@example.com'
  await (await ops(chosen)).call('POST', '/users', {
    name: 'Stan Stranger',
    identifiers: [{ type: 'email', value: email, verified: true }],
    password: ownerPassword,
  })
  const stranger = visitor(chosen)
  await stranger.open(link)
  await stranger.submit((form) => !isForm(form))
  await provePassword(chosen, stranger, email)
  assert.equal(stranger.here().status, 403)
  assert.match(stranger.here().text, /Use the address that this server names/)
  assert.deepEqual(await query('select 1 from admins'), [])

  // The link is not spent by it, and the address that somebody sends in its place counts for nothing.
  await stranger.open(link)
  await stranger.submit(isForm, { name: 'Stan', email, new_password: ownerPassword })
  const made = await query<{ value: string }>(
    `select value from identifiers where value <> '${email}'`,
  )
  assert.deepEqual(made, [{ value: 'chosen@example.com' }])
})
