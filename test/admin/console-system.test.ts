import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, test } from 'node:test'
import { startServer } from '../support/server.ts'
import { becomeOwner, ownerEmail } from './console.ts'
import { sqlOf } from './people.ts'

const server = await startServer({ after })
const sql = sqlOf({ after }, server)
const { owner } = await becomeOwner(server)
const open = (path: string) => owner.open(`${server.baseUrl}/admin/${path}`)

/** Rows of the first table, cell by cell. */
const rowsIn = (html: string): string[][] =>
  [...html.matchAll(/<tr>(.*?)<\/tr>/gs)]
    .slice(1)
    .map(([, row = '']) =>
      [...row.matchAll(/<td[^>]*>(.*?)<\/td>/gs)].map(([, cell = '']) =>
        cell.replace(/<[^>]+>/g, '').trim(),
      ),
    )

const keys = async () =>
  rowsIn((await open('keys')).html)
    .map(([alg, state]) => `${alg} ${state}`)
    .sort()

test('the keys are shown, and a new one waits until everybody knows it', async () => {
  assert.deepEqual(await keys(), ['ES256 Signs', 'RS256 Signs'])
  await open('keys')
  const rotated = await owner.submit(({ values }) => values.alg === 'ES256')
  assert.match(rotated.text, /Created/)
  assert.deepEqual(await keys(), ['ES256 Signs', 'ES256 Waits for its time', 'RS256 Signs'])
  assert.match(rotated.text, /A new key of this algorithm waits for its time already/)
})

test('a key that somebody else may have is replaced at once', async () => {
  const kidsOf = async () => rowsIn((await open('keys')).html).map((row) => row.at(-1))
  const before = await kidsOf()
  await open('keys')
  await owner.submit(({ values }) => values.alg === 'RS256', { atOnce: 'on' })
  const now = await keys()
  assert.deepEqual(
    now.filter((each) => each.startsWith('RS256')),
    ['RS256 Signs'],
  )
  assert.equal((await kidsOf()).filter((kid) => !before.includes(kid)).length, 1)
})

test('whoever may only read presses nothing there', async () => {
  await sql("update admins set role = 'read-only'")
  const { html } = await open('keys')
  assert.doesNotMatch(html, /keys\/rotate/)
  const { status } = await owner.post(`${server.baseUrl}/admin/keys/rotate`, { alg: 'RS256' })
  assert.equal(status, 403)
  await sql("update admins set role = 'owner'")
})

test('the page of the system tells each version', async () => {
  const { text } = await open('system')
  const { version } = JSON.parse(await readFile('package.json', 'utf8'))
  const [database] = await sql<{ server_version: string }>('show server_version')
  const [schema] = await sql<{ count: string }>('select count(*) from knex_migrations')
  for (const shown of [
    `Release ${version}`,
    process.version,
    `PostgreSQL ${database!.server_version.split(' ')[0]}`,
    `${schema!.count} `,
    server.issuer,
  ]) {
    assert.ok(text.includes(shown), `${shown} in ${text}`)
  }
})

test('the doctor says on its page what is wrong and what to do, in either language', async () => {
  const english = await open('system/doctor')
  assert.equal(english.status, 200)
  assert.match(english.text, /This server runs|evaluation/i)
  const german = await open('system/doctor?lang=de')
  const headings = (html: string) => [...html.matchAll(/<h3>([^<]+)</g)].map(([, words]) => words)
  assert.ok(headings(english.html).length > 8)
  assert.equal(headings(german.html).length, headings(english.html).length)
  assert.notDeepEqual(headings(german.html), headings(english.html))
  await open('system?lang=en')
})

test('what is sent along when asking for help holds no secret and nobody', async () => {
  const { html } = await open('system')
  assert.match(html, /href="\/admin\/system\/bundle.json" download/)
  const file = await open('system/bundle.json')
  assert.match(
    file.headers.get('content-disposition') ?? '',
    /attachment; filename="avouch-support.json"/,
  )
  const bundle = JSON.parse(file.html)
  assert.ok(bundle.connectors && bundle.settings)
  const own = new URL(server.databaseUrl!)
  for (const secret of [ownerEmail, 'Olga', 'a-secret-for-tests-only', own.pathname.slice(1)]) {
    assert.ok(!file.html.includes(secret), secret)
  }
})
