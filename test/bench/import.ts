/**
 * Imports many people with bcrypt hashes, is killed halfway and goes on: how long it takes, how much
 * memory it needs, and whether everybody is there once:
 * `node test/bench/import.ts [--people=100000]`.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { accessToken, apiOf, startManaged } from '../admin/api.ts'
import { sweepFolders } from '../support/folders.ts'
import type { Scope } from '../support/scope.ts'
import { residentMb } from './measure.ts'
import { startDatabase } from './processes.ts'

const { values } = parseArgs({ options: { people: { type: 'string', default: '100000' } } })
const people = Number(values.people)
const say = (text: string) => process.stdout.write(`${text}\n`)
const fail = (why: string) => {
  say(why)
  process.exitCode = 1
}
/** However many people there are. */
const mostMb = 600
const cleanups: (() => unknown)[] = []
const scope: Scope = { after: (clean) => cleanups.push(clean) }

function* file(): Generator<string> {
  yield 'id,email,email_verified,phone,phone_verified,name,created_at,password_hash\n'
  for (let at = 0; at < people; at++) {
    const phone = `+4179${String(1_000_000 + at).slice(-7)}`
    yield `p${at},person${at}@example.com,true,${phone},false,Person ${at},2020-01-01T00:00:00Z,` +
      '$2b$10$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW\n'
  }
}

const main = async () => {
  await sweepFolders()
  await startDatabase(scope)
  const server = await startManaged(scope)
  const api = apiOf(server, await accessToken(server, 'ops'))
  const text = [...file()].join('')
  const idle = residentMb(server.pid())
  let most = idle
  const begin = performance.now()
  const { body } = await api.call('POST', '/users/import?format=csv', text, {
    'content-type': 'text/csv',
  })
  const uploaded = performance.now()
  say(
    `${(text.length / 1e6).toFixed(1)} MB uploaded in ${((uploaded - begin) / 1000).toFixed(1)} s`,
  )

  let killed = false
  for (;;) {
    const { body: work } = await api.call('GET', `/works/${body.id}`)
    most = Math.max(most, residentMb(server.pid()))
    const part = work.total ? work.done / work.total : 0
    process.stderr.write(`\r${'#'.repeat(part * 40).padEnd(40, '.')} ${work.done} `)
    if (!killed && part >= 0.5) {
      killed = true
      await server.kill()
      await server.start()
    }
    if (['done', 'failed', 'cancelled'].includes(work.state)) break
    await sleep(100)
  }
  process.stderr.write('\n')
  const seconds = (performance.now() - uploaded) / 1000
  const { body: work } = await api.call('GET', `/works/${body.id}`)
  say(
    `${work.state}: ${work.added} added, ${work.existing} there, ${work.refused} refused in ` +
      `${seconds.toFixed(1)} s, killed once (a lease of 15 s included): ${(people / seconds).toFixed(0)} a second`,
  )
  say(`resident memory: ${idle.toFixed(0)} MB before, ${most.toFixed(0)} MB at most`)

  const client = new pg.Client(server.databaseUrl!)
  await client.connect()
  const { rows } = await client.query(
    `select (select count(*)::int from users where id like 'p%') as users,
            (select count(distinct value)::int from identifiers where type = 'email') as emails,
            (select count(*)::int from passwords) as passwords`,
  )
  await client.end()
  say(`in the database: ${JSON.stringify(rows[0])}`)
  const { users, emails, passwords } = rows[0]
  if ([users, emails, passwords].some((count) => count !== people)) process.exitCode = 1
  if (!killed) fail('it was over before it could be killed')
  if (most > mostMb) fail(`more than ${mostMb} MB`)
}

try {
  await main()
} finally {
  for (const clean of cleanups.reverse()) await clean()
}
