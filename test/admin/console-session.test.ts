/** How long somebody is in the console, and what the browser is told about its pages. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { generous } from '../flows/site.ts'
import { database } from '../oidc/provider.ts'
import { ageSignIns } from '../support/aging.ts'
import { inbox } from '../support/inbox.ts'
import { relyingParty } from '../support/relying-party.ts'
import { startServer } from '../support/server.ts'
import { becomeOwner, ownerEmail } from './console.ts'

const server = await startServer({ after })
const sql = database({ after }, server)
const { owner } = await becomeOwner(server)

const visit = () => owner.copy().open(`${server.baseUrl}/admin/settings`)
const isIn = async () => new URL((await visit()).url).pathname === '/admin/settings'

/** As if all that this browser has done had been so much earlier, here and at the provider. */
const later = async (minutes: number): Promise<void> => {
  await sql(`update console_sessions set used_at = used_at - interval '${minutes} minutes',
    created_at = created_at - interval '${minutes} minutes'`)
  await ageSignIns(sql, minutes * 60)
}

test('whoever keeps using the console stays in it, for eight hours and no longer', async () => {
  for (let halfHours = 0; halfHours < 16; halfHours += 1) {
    assert.ok(await isIn(), `after ${halfHours / 2} hours`)
    await later(29)
  }
  // 7 h 44 min so far.
  assert.ok(await isIn())
  await later(17)
  const { url, text } = await visit()
  assert.match(url, /\/interaction\//)
  assert.match(text, /password/i)
})

test('after half an hour without use both factors are asked for, though applications need none', async () => {
  const other = await startServer({ after })
  const otherSql = database({ after }, other)
  const { owner: idle } = await becomeOwner(other)
  const open = () => idle.copy().open(`${other.baseUrl}/admin/settings`)
  await otherSql("update console_sessions set used_at = now() - interval '31 minutes'")
  // Proven a moment ago: nothing has to be asked, and it is a session of its own again.
  assert.match((await open()).url, /\/admin\/settings$/)
  await ageSignIns(otherSql, 31 * 60)
  await otherSql("update console_sessions set used_at = now() - interval '31 minutes'")
  const { url, text } = await open()
  assert.match(url, /\/interaction\//)
  assert.match(text, /password/i)
})

test('the session is in a cookie of its own, which no script reads and no other site sends', () => {
  const [cookie] = owner.jar.all().filter(({ name }) => name === 'avouch_console')
  assert.deepEqual([cookie?.httpOnly, cookie?.sameSite?.toLowerCase()], [true, 'lax'])
})

test('what was typed when the session had ended is there again, and is sent once more', async () => {
  const there = await startServer({ after })
  const thereSql = database({ after }, there)
  const { owner: admin } = await becomeOwner(there)
  const away = () => thereSql("update console_sessions set used_at = now() - interval '31 minutes'")
  const name = (form: { names: ReadonlySet<string> }) => form.names.has('client_name')
  await admin.open('/admin/clients/new?framework=express')
  await away()
  const back = await admin.submit(name, { client_name: 'A long name, typed by hand' })
  assert.equal(back.status, 409)
  assert.match(back.text, /You have signed in again\. Nothing was done yet/)
  assert.match(back.html, /value="A long name, typed by hand"/)
  const made = "select 1 from audit_events where event = 'client.created'"
  assert.deepEqual(await thereSql(made), [])

  const again = await admin.open('/admin/resume')
  assert.equal(new URL(again.url).pathname, '/admin', 'once')
})

test('a fresh sign-in for what can not be undone loses nothing of the form', async () => {
  const there = await startServer({ after })
  const thereSql = database({ after }, there)
  const { owner: admin } = await becomeOwner(there)
  await thereSql("insert into users (id) values ('u1')")
  const age = () =>
    thereSql("update console_sessions set authenticated_at = now() - interval '6 minutes'")
  const giving = ({ names }: { names: ReadonlySet<string> }) =>
    names.has('role') && !names.has('version')
  await admin.open('/admin/admins?user=u1')
  await age()
  const back = await admin.submit(giving, { role: 'support' })
  assert.match(back.text, /You have signed in again\. Nothing was done yet/)
  assert.match(back.html, /value="u1"/)
  assert.match((await admin.submit(giving)).text, /Saved/)
  const roles = () => thereSql("select role from admins where user_id = 'u1'")
  assert.deepEqual(await roles(), [{ role: 'support' }])

  await age()
  const asked = await admin.submit(
    ({ action, values }) => action.endsWith('/remove') && values.userId === 'u1',
  )
  assert.match(asked.text, /You have signed in again/)
  assert.deepEqual(await roles(), [{ role: 'support' }])
})

test('a code by email makes no factor of the console new', async () => {
  const shop = await relyingParty({ after })
  const there = await startServer(
    { after },
    { config: { clients: [shop.registration], limits: generous } },
  )
  await shop.discover(there)
  const thereSql = database({ after }, there)
  const { owner: admin } = await becomeOwner(there)
  const renew = async () => {
    const claims = JSON.stringify({ id_token: { amr: { essential: true, value: 'email' } } })
    const { url } = await shop.authorize({ max_age: '60', claims })
    const before = new Date()
    await admin.open(url)
    const code = await inbox(there).codeFor(ownerEmail, before)
    const page = await admin.submit('verify/email-code', { code })
    assert.ok(page.left, page.text)
  }

  await ageSignIns(thereSql, 600)
  await thereSql("update console_sessions set authenticated_at = now() - interval '10 minutes'")
  await renew()
  await admin.open(`${there.baseUrl}/admin/admins?user=nobody`)
  const giving = ({ names }: { names: ReadonlySet<string> }) =>
    names.has('role') && !names.has('version')
  const asked = await admin.submit(giving, { role: 'support' })
  assert.match(asked.url, /\/interaction\//, 'asked for both anew')

  await ageSignIns(thereSql, 3600)
  await thereSql('delete from console_sessions')
  await renew()
  const entered = await admin.open(`${there.baseUrl}/admin`)
  assert.match(entered.url, /\/interaction\//)
  const changed = new URL(entered.hops.find((hop) => hop.includes('/oidc/auth?'))!)
  changed.searchParams.delete('max_age')
  changed.searchParams.delete('prompt')
  const tampered = await admin.open(changed)
  assert.equal(tampered.status, 400)
  assert.match(tampered.text, /This page is too old/)
})
