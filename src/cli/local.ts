import { setTimeout as sleep } from 'node:timers/promises'
import type { Env } from '#config/env.ts'
import { rootSecrets } from '#config/secret.ts'
import { loadConnectors } from '#connectors/index.ts'
import { operator } from '../admin/index.ts'
import { createApp } from '../app.ts'
import { clientStore } from '../clients/index.ts'
import { type Database, migrate, openDatabase, schemaState } from '../db/index.ts'
import { type Jobs, jobs } from '../lib/jobs.ts'
import { logger } from '../lib/log.ts'
import { metrics } from '../lib/metrics.ts'
import { Problem } from '../lib/problem.ts'
import { settingsStore } from '../settings/index.ts'
import type { Asked, Calls } from './contract.ts'
import { CommandFailure, refused } from './failure.ts'

/** How soon long work is begun that waits. */
const workSeconds = 0.2

/** How long a command waits for another one to let go of the embedded database. */
const patienceMs = 20_000

/**
 * Opens the database that the environment names, as a server would. The embedded one serves one
 * process: whoever comes second waits a while.
 *
 * @throws ConfigurationError that names who has it open
 */
export const openOwnDatabase = async (env: Env): Promise<Database> => {
  const deadline = Date.now() + patienceMs
  for (;;) {
    try {
      return await openDatabase({
        url: env.DATABASE_URL,
        folder: env.DATA_DIR,
        owner: `a command (process ${process.pid})`,
      })
    } catch (error) {
      const inUse = / is in use by /.test((error as Error).message)
      if (!inUse || Date.now() > deadline) throw error
      await sleep(200)
    }
  }
}

/**
 * Runs operations in this process, on the database that the environment names, as the operator of
 * this machine. It is the same application as the server's, but nobody can reach it, and what a
 * server does now and then is left to servers.
 *
 * @throws ConfigurationError, or CommandFailure when the database is of another release
 */
export const openLocally = async (env: Env, opened?: Database): Promise<Calls> => {
  const secrets = rootSecrets(env)
  const connectors = await loadConnectors()
  const db = opened ?? (await openOwnDatabase(env))
  try {
    await requireSchema(db, env)
    const settings = settingsStore({ db })
    await settings.load()
    const log = logger('silent')
    const work = jobs(log)
    const begin: (() => void)[] = []
    const keep: Jobs['every'] = (_, name, task) => {
      if (name === 'works') begin.push(() => work.every(workSeconds, name, task))
    }
    const app = await createApp({
      env,
      secrets,
      db,
      settings,
      clients: clientStore({ db }),
      connectors,
      gate: null,
      announce: () => {},
      log,
      jobs: { ...work, every: keep },
      metrics: metrics(),
    })
    const { operations, run } = app.management
    const execute = async (operationId: string, { file, ...asked }: Asked = {}) => {
      const operation = operations.find(({ id }) => id === operationId)
      if (!operation) throw new CommandFailure(`There is no operation ${operationId}.`)
      try {
        const given = { ...asked, query: inQuery(asked.query), file: file?.chunks }
        return await run(operation, operator, given, { address: null, reference: null })
      } catch (error) {
        throw error instanceof Problem ? asRefusal(error) : error
      }
    }
    return {
      baseUrl: env.BASE_URL,
      remote: false,
      call: async <T>(operationId: string, asked?: Asked): Promise<T> =>
        asSent((await execute(operationId, asked)).body) as T,
      text: async (operationId, asked) => (await execute(operationId, asked)).stream!.chunks,
      work() {
        for (const each of begin.splice(0)) each()
      },

      async close() {
        await work.drain()
        await app.close()
        await db.close()
      },
    }
  } catch (error) {
    await db.close()
    throw error
  }
}

/** A server that starts brings the schema up to date; a command does so for an empty database alone. */
export const requireSchema = async (db: Database, env: Env): Promise<void> => {
  const { applied, pending } = await schemaState(db)
  if (pending.length === 0) return
  if (applied.length === 0) {
    await migrate(db, env.DATABASE_URL)
    return
  }
  throw new CommandFailure(
    'The database is of an older release. Start the server once, which brings it up to date.',
  )
}

/** As it would come over HTTP: text, and nothing that is undefined. */
const inQuery = (query: Asked['query'] = {}): Record<string, string> =>
  Object.fromEntries(
    Object.entries(query)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, String(value)]),
  )

const asSent = (body: unknown): unknown =>
  body === undefined ? undefined : JSON.parse(JSON.stringify(body))

const asRefusal = ({ code, status, message, detail, errors }: Problem): CommandFailure =>
  status >= 500
    ? new CommandFailure(detail ? `${message} ${detail}` : message, { code })
    : refused(code, message, detail, errors)
