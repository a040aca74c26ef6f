/** The two servers, the load and the database, each in processes of its own. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import pg from 'pg'
import { createDatabase } from '../support/fresh-database.ts'
import { guard } from '../support/guard.ts'
import { startPostgres } from '../support/postgres.ts'
import type { Scope } from '../support/scope.ts'
import { type Server, startServer } from '../support/server.ts'
import type { Loaded, Order } from './load.ts'
import {
  accounts,
  app,
  phoneOf,
  resource,
  resourceScope,
  service,
  shop,
  type Target,
} from './setting.ts'

const start = (scope: Scope, file: string, env: Record<string, string> = {}): ChildProcess => {
  const child = fork(join(import.meta.dirname, file), {
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...env },
  })
  guard(child)
  scope.after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.disconnect()
    await once(child, 'exit')
  })
  return child
}

/** The next thing that a process says. */
const said = <T>(child: ChildProcess): Promise<T> =>
  new Promise((resolve, reject) => {
    const gone = (code: number | null) => {
      child.off('message', heard)
      reject(new Error(`A process of the benchmark has ended (${code})`))
    }
    const heard = (message: unknown) => {
      child.off('exit', gone)
      resolve(message as T)
    }
    child.once('exit', gone)
    child.once('message', heard)
  })

export interface Load {
  /** Where the text messages go. */
  vendor: string
  ask(order: Order): Promise<Loaded>
}

export const startLoad = async (scope: Scope): Promise<Load> => {
  const child = start(scope, 'load.ts')
  const { answer } = await said<{ answer: { vendor: string } }>(child)
  return {
    vendor: answer.vendor,
    async ask(order) {
      child.send(order)
      const { answer, error } = await said<{ answer: Loaded; error?: string }>(child)
      if (error) throw new Error(error)
      return answer
    },
  }
}

export interface Running {
  target: Target
  pid: () => number
}

export const startBare = async (
  scope: Scope,
  env: Record<string, string> = {},
): Promise<Running> => {
  const child = start(scope, 'bare.ts', env)
  const { origin } = await said<{ origin: string }>(child)
  const target = { name: 'bare' as const, address: origin, origin, prefix: '', headers: {} }
  return { target, pid: () => child.pid! }
}

export interface AvouchRunning extends Running {
  server: Server
  databaseUrl: string
}

/** Where commits reach the disk, as they would at an operator's. */
export const startDatabase = async (scope: Scope): Promise<void> => {
  if (process.env.TEST_DATABASE_URL) return
  const postgres = await startPostgres({ durable: true })
  scope.after(postgres.close)
  process.env.TEST_DATABASE_URL = postgres.url
}

const configuration = (vendor: string) => ({
  clients: [service, shop, app].map((client) => ({
    ...client,
    first_party: client !== service,
  })),
  connectors: [
    {
      id: 'sms',
      connector: 'twilio-sms',
      config: { accountSID: 'AC1', authToken: 'token', fromNumber: '+15550100', baseUrl: vendor },
    },
  ],
  resources: [{ indicator: resource, scopes: [resourceScope] }],
  // Everybody comes from one machine, again and again.
  limits: {
    resend: [0],
    sends_per_hour: 1000,
    sends_per_day: 10_000,
    sends_per_address: 100_000,
    address_window: 60,
  },
})

/** People who have signed in before. */
const makeAccounts = async (url: string): Promise<void> => {
  const database = new pg.Client(url)
  await database.connect()
  try {
    await database.query(
      `with people as (
         insert into users (id, name, locale)
         select 'person-' || n, 'Ada Lovelace', 'en' from generate_series(0, $1::int - 1) as n
       )
       insert into identifiers (user_id, type, value, display, verified_at)
       select 'person-' || n, 'phone', '+' || ($2::bigint + n), '+' || ($2::bigint + n), now()
         from generate_series(0, $1::int - 1) as n`,
      [accounts, phoneOf(0).slice(1)],
    )
    await database.query('vacuum analyze users, identifiers')
  } finally {
    await database.end()
  }
}

/**
 * Avouch as an operator runs it: one process, production mode, on PostgreSQL.
 *
 * @param vendor where it sends text messages
 */
export const startAvouch = async (
  scope: Scope,
  vendor: string,
  env: Record<string, string> = {},
): Promise<AvouchRunning> => {
  const database = await createDatabase()
  scope.after(database.drop)
  const server = await startServer(scope, {
    databaseUrl: database.url,
    production: true,
    config: configuration(vendor),
    env: {
      LOG_LEVEL: 'warn',
      ...env,
    },
  })
  await makeAccounts(database.url)
  const target: Target = {
    name: 'avouch',
    address: server.address,
    origin: server.baseUrl,
    prefix: '/oidc',
    headers: { 'x-forwarded-proto': 'https' },
  }
  return { target, pid: server.pid, server, databaseUrl: database.url }
}
