import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { database } from '../oidc/provider.ts'
import { visitor } from '../support/http.ts'
import { startServer } from '../support/server.ts'
import { becomeOwner, ownerLink } from './console.ts'

const server = await startServer({ after })
const sql = database({ after }, server)

const pathOf = (url: string) => new URL(url).pathname

test('nobody but an admin gets further than the sign-in page', async () => {
  for (const path of ['/admin', '/admin/settings', '/admin/experience']) {
    const visit = await visitor(server).open(`${server.baseUrl}${path}`)
    assert.match(pathOf(visit.url), /^\/interaction\//)
    if (path === '/admin') continue
    const posted = await visitor(server).post(`${server.baseUrl}${path}`, { 'codes.tries': '9' })
    assert.match(pathOf(posted.url), /^\/interaction\//)
  }
})

test('opening the printed link, as a scanner would, changes nothing', async () => {
  const link = await ownerLink(server)
  for (let i = 0; i < 3; i += 1) assert.equal((await visitor(server).open(link)).status, 200)
  assert.deepEqual(await sql('select 1 from users'), [])
})

test('whoever comes first with the printed link becomes the owner, and the link is dead', async () => {
  const link = await ownerLink(server)
  const { owner } = await becomeOwner(server)
  const { url, status, text } = owner.here()
  assert.equal(pathOf(url), '/admin')
  assert.equal(status, 200)
  assert.match(text, /Welcome, Olga Owner/)

  assert.equal((await visitor(server).open(link)).status, 410)
  assert.equal((await sql("select 1 from admins where role = 'owner'")).length, 1)
})

test('the page of the link refuses what can not be an account, and keeps what was typed', async () => {
  const other = await startServer({ after })
  const person = visitor(other)
  await person.open(await ownerLink(other))
  const isForm = (form: { action: string }) => !form.action.endsWith('/sign-in')
  const cases = [
    { name: '', email: 'a@example.com', new_password: 'seven green umbrellas' },
    { name: 'Ann', email: 'nonsense', new_password: 'seven green umbrellas' },
    { name: 'Ann', email: 'a@example.com', new_password: 'password' },
  ]
  for (const fields of cases) {
    const { status, html } = await person.submit(isForm, fields)
    assert.equal(status, 422)
    assert.match(html, new RegExp(`value="${fields.email}"`))
    assert.doesNotMatch(html, /seven green/)
  }
})

test('an admin whose role is taken away is out at once, and told why', async () => {
  const other = await startServer({ after })
  const { owner } = await becomeOwner(other)
  const otherSql = database({ after }, other)
  assert.equal((await owner.open(`${other.baseUrl}/admin/settings`)).status, 200)

  await otherSql('delete from admins')
  const { status, text } = await owner.open(`${other.baseUrl}/admin/settings`)
  assert.equal(status, 403)
  assert.match(text, /not for this account/)
})

test('signing out ends the console and the session at the provider', async () => {
  const other = await startServer({ after })
  const { owner } = await becomeOwner(other)
  await owner.submit('sign-out')
  assert.match(owner.here().text, /You are signed out/)
  const { url } = await owner.open(`${other.baseUrl}/admin`)
  assert.match(pathOf(url), /^\/interaction\//)
})

test('signing out everywhere ends the console in every browser', async () => {
  const other = await startServer({ after })
  const { owner } = await becomeOwner(other)
  const elsewhere = owner.copy()
  await owner.open(`${other.issuer}/session/end`)
  await owner.submit(({ names }) => names.has('everywhere'))
  const { url } = await elsewhere.open(`${other.baseUrl}/admin`)
  assert.match(pathOf(url), /^\/interaction\//)
})

test('with a password and a text message nobody is in the console', async () => {
  const other = await startServer({ after })
  const { owner } = await becomeOwner(other)
  const otherSql = database({ after }, other)
  const factors = JSON.stringify([
    { method: 'password', kind: 'knowledge', channel: null, amr: ['pwd'], at: Date.now() },
    { method: 'sms-code', kind: 'possession', channel: 'sms', amr: ['otp', 'sms'], at: Date.now() },
  ])
  await otherSql('update oidc_sessions set factors = $1', [factors])
  await otherSql('delete from console_sessions')
  const { url, text } = await owner.open(`${other.baseUrl}/admin`)
  assert.match(pathOf(url), /^\/interaction\//)
  assert.match(text, /authenticator app/)
})

test('a new start prints a new link, and the one before is dead', async () => {
  const fresh = await startServer({ after })
  const before = await ownerLink(fresh)
  await fresh.stop()
  await fresh.start()
  const newer = await ownerLink(fresh, 2)
  assert.notEqual(newer, before)
  assert.equal((await visitor(fresh).open(before)).status, 410)
  assert.equal((await visitor(fresh).open(newer)).status, 200)
})

test('a server that has an owner prints no link', async () => {
  const said = (what: string) => server.output().split(what).length - 1
  const before = said('/admin/claim/')
  await server.stop()
  await server.start()
  const deadline = Date.now() + 10_000
  while (said('Ctrl+C') < 2) {
    assert.ok(Date.now() < deadline, server.output())
    await sleep(50)
  }
  assert.equal(said('/admin/claim/'), before)
})
