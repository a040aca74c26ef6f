/**
 * How quickly the console's lists and pictures come with a million users and ten million events, on
 * PostgreSQL: `npm run bench:admin -- [--users=1000000] [--events=10000000] [--times=15]`.
 *
 * Fills a database, which takes some minutes, and asks for each page one after the other. Whatever
 * takes longer than {@link goalMs} is said; the exit code says whether it could be measured.
 */
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { becomeOwner } from '../admin/console.ts'
import { sweepFolders } from '../support/folders.ts'
import { createDatabase } from '../support/fresh-database.ts'
import type { Visitor } from '../support/http.ts'
import type { Scope } from '../support/scope.ts'
import { startServer } from '../support/server.ts'
import { fill } from './admin-data.ts'
import { startDatabase } from './processes.ts'

const goalMs = 200

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '1000000' },
    events: { type: 'string', default: '10000000' },
    times: { type: 'string', default: '15' },
  },
})
const [users, events, times] = [Number(values.users), Number(values.events), Number(values.times)]

const say = (text: string) => process.stdout.write(`${text}\n`)
const progress = (text: string) => process.stderr.write(`${text}\n`)
const cleanups: (() => unknown)[] = []
const scope: Scope = { after: (clean) => cleanups.push(clean) }

const pages = [
  ['users', '/admin/users'],
  ['users, an email address', '/admin/users?q=person4242%40example.com'],
  ['users, the beginning of one', '/admin/users?q=person42'],
  ['users, the beginning of a number', '/admin/users?q=%2B417900'],
  ['users, the beginning of a name', '/admin/users?q=Grace+S'],
  ['users, nobody', '/admin/users?q=nobody-is-called-so'],
  ['dashboard, 30 days', '/admin/dashboard'],
  ['dashboard, 24 hours', '/admin/dashboard?range=24h'],
  ['dashboard, 90 days', '/admin/dashboard?range=90d'],
  ['dashboard, one application', '/admin/dashboard?range=90d&client=client-1'],
  ['log', '/admin/audit'],
  ['log, a kind of event', '/admin/audit?event=sign_in.*'],
  ['log, one event', '/admin/audit?event=token.issued'],
  ['log, a user', '/admin/audit?user=person-4242'],
  ['log, an application', '/admin/audit?client=client-3'],
  ['log, a reference', '/admin/audit?reference=r4242'],
  ['log, a sign-in', '/admin/audit?interaction=sign-in-4242'],
  ['log, an address', '/admin/audit?address=198.51.42.42'],
  ['log, a network', '/admin/audit?address=198.51.42.0%2F24'],
  ['log, a country within an hour', '/admin/audit?country=AT&period=1h'],
  ['log, a rare result', '/admin/audit?result=rare'],
  ['log, a rare result of a kind', '/admin/audit?event=sign_in.*&result=rare&client=client-0'],
  ['log, in the details', '/admin/audit?text=4242'],
  ['log, six weeks ago', '/admin/audit?period=custom&until=__ago__'],
] as const

const weeksAgo = new Date(Date.now() - 42 * 86_400_000).toISOString().slice(0, 10)

const median = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length / 2)]!

/** Milliseconds of each answer, sorted; the first ones compile and fill caches. A status where it fails. */
const measure = async (owner: Visitor, url: string): Promise<number[] | number> => {
  const took: number[] = []
  for (let n = -2; n < times; n++) {
    const begun = performance.now()
    const { status } = await owner.open(url)
    if (status !== 200) return status
    if (n >= 0) took.push(performance.now() - begun)
  }
  return took.sort((a, b) => a - b)
}

const main = async (): Promise<void> => {
  await sweepFolders()
  const load = loadavg()[0]!.toFixed(1)
  say(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}, load before ${load}`)
  await startDatabase(scope)
  const database = await createDatabase()
  scope.after(database.drop)
  const begun = performance.now()
  await fill(database.url, { users, events }, progress)
  const seconds = ((performance.now() - begun) / 1000).toFixed(0)
  const counted = [users, events].map((count) => count.toLocaleString('en'))
  say(`${counted[0]} users and ${counted[1]} events, made in ${seconds} s; ${times} times each\n`)
  const server = await startServer(scope, { databaseUrl: database.url })
  const { owner } = await becomeOwner(server)

  const width = Math.max(...pages.map(([name]) => name.length))
  const short: string[] = []
  say(`${''.padEnd(width)}  median ms  longest ms`)
  for (const [name, path] of pages) {
    const took = await measure(owner, `${server.baseUrl}${path.replace('__ago__', weeksAgo)}`)
    if (typeof took === 'number') {
      short.push(`${name} falls short: it answers ${took}`)
      continue
    }
    const [middle, longest] = [median(took), took.at(-1)!]
    say(
      `${name.padEnd(width)}  ${middle.toFixed(0).padStart(9)}  ${longest.toFixed(0).padStart(10)}`,
    )
    if (middle > goalMs) short.push(`${name} falls short: ${middle.toFixed(0)} ms`)
  }
  say(`\n${short.join('\n') || `Every median is within ${goalMs} ms.`}`)
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
} finally {
  for (const clean of cleanups.reverse()) await clean()
}
