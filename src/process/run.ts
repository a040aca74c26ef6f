/**
 * The process: reads the settings, opens the database, listens, and on SIGTERM answers what has
 * begun before it ends. With `WORKERS`, a first process does what is done once and starts the others.
 */
import cluster from 'node:cluster'
import { ConfigurationError } from '#config/configuration-error.ts'
import { type Env, loadEnv } from '#config/env.ts'
import { unknownKey } from '../lib/crypto.ts'
import { withFreePorts } from './ports.ts'
import type { Serving } from './serve.ts'

/** Whoever has not ended by then is ended (milliseconds). */
const patienceMs = 30_000

const say = (words: string) => process.stdout.write(`${words}\n`)

/** On standard output alone: neither in a log nor in a file. */
const sayOwner = async (serving: Serving): Promise<void> => {
  const link = await serving.ownerLink()
  if (link) say(`Nobody owns this server yet. Become the owner, within an hour: ${link}`)
}

const main = async (): Promise<void> => {
  const wanted = loadEnv()
  if (cluster.isWorker) {
    const serving = await begin(wanted)
    stopOnSignal(serving)
    return sayOwner(serving)
  }
  const env = await withFreePorts(wanted)
  const serving = await begin(env)
  stopOnSignal(serving)
  if (env.production) return sayOwner(serving)
  if (env.PORT !== wanted.PORT) say(`Port ${wanted.PORT} is taken; using ${env.PORT} instead.`)
  const { greeting } = await import('./evaluate.ts')
  say(greeting(env, await serving.ownerLink()))
}

/**
 * Loads the rest once the settings are known to be right: a fault is told at once, and a process that
 * only looks after others stays small.
 */
const begin = async (env: Env): Promise<Serving> => {
  if (cluster.isPrimary && env.WORKERS > 1) {
    const { superviseWorkers } = await import('./supervise.ts')
    return superviseWorkers(env)
  }
  const { serve } = await import('./serve.ts')
  return serve({ env, worker: cluster.isWorker })
}

const stopOnSignal = ({ stop }: Serving): void => {
  let stopping = false
  const end = () => {
    if (stopping) return
    stopping = true
    setTimeout(() => fail(new Error('It took too long to end.')), patienceMs).unref()
    stop().then(() => process.exit(0), fail)
  }
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
}

const otherSecret =
  'SECRET_KEYS: is not the secret that this database was written with; put that one back, or list it behind the new one'

const fail = (error: Error & { code?: string }): never => {
  const words = error.code === unknownKey ? otherSecret : error.message
  const expected = error.code === unknownKey || error instanceof ConfigurationError
  process.stderr.write(`${expected ? words : error.stack}\n`)
  process.exit(1)
}

main().catch(fail)
