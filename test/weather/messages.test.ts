import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { visitor } from '../support/http.ts'
import { inbox } from '../support/inbox.ts'
import { relyingParty } from '../support/relying-party.ts'
import { startServer } from '../support/server.ts'

const patienceMs = 20_000

/** Lets deliveries be queued, but not taken on to be sent. */
const stall = `
  create function stall() returns trigger language plpgsql as
    'begin perform pg_sleep(30); return new; end';
  create trigger stall before update on deliveries for each row execute function stall()`
const release = 'drop trigger stall on deliveries; drop function stall()'

test('messages that were promised before a kill are sent after it, unless they come too late', async (t) => {
  const shop = await relyingParty(t)
  const server = await startServer(t, {
    config: { clients: [shop.registration], sign_in_experience: { profile: [] } },
  })
  await shop.discover(server)
  const client = new pg.Client(server.databaseUrl!)
  client.on('error', () => {})
  await client.connect()
  t.after(() => client.end())
  const sql = async (text: string) => (await client.query(text)).rows
  const mail = inbox(server)

  await sql(stall)
  const people = await Promise.all(
    ['ada@example.com', 'bob@example.com', 'late@example.com'].map(async (identifier) => {
      const person = visitor(server)
      const request = await shop.authorize()
      await person.open(request.url)
      const page = await person.submit('identify', { identifier })
      assert.equal(page.status, 200, page.text)
      return { person, request, identifier }
    }),
  )
  await server.kill()
  await sql(
    `select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'avouch' and datname = current_database()`,
  )
  await sql(release)
  assert.deepEqual(await sql('select distinct state from deliveries'), [{ state: 'queued' }])
  await sql(`update deliveries set expires_at = now() where recipient_masked like 'l%'`)

  await server.start()
  const deadline = Date.now() + patienceMs
  const open = `select 1 from deliveries where state in ('queued', 'sending')`
  while ((await sql(open)).length > 0 && Date.now() < deadline) await sleep(100)
  assert.deepEqual(
    await sql(`select state, count(*)::int, count(body)::int as bodies from deliveries
                group by state order by state`),
    [
      { state: 'accepted', count: 2, bodies: 0 },
      { state: 'dropped', count: 1, bodies: 0 },
    ],
  )
  assert.deepEqual(await mail.messages('late@example.com'), [])
  for (const { person, request, identifier } of people.slice(0, 2)) {
    assert.equal((await mail.messages(identifier)).length, 1, 'it was sent once')
    const code = await mail.codeFor(identifier)
    const { left } = await person.submit('verify/email-code', { code })
    assert.ok(await shop.exchange(request, left!), 'the sign-in goes on where it was')
  }
})
