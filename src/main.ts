/**
 * The process: reads the settings, opens the database, listens, and on SIGTERM answers what has
 * begun before it ends. With `WORKERS`, a first process does what is done once and starts the others.
 */
import cluster from 'node:cluster'
import { ConfigurationError } from '#config/configuration-error.ts'
import { loadEnv } from '#config/env.ts'
import { unknownKey } from './lib/crypto.ts'
import { withFreePorts } from './process/ports.ts'
import { type Serving, serve } from './process/serve.ts'
import { servesDemo, superviseWorkers } from './process/supervise.ts'

/** Whoever has not ended by then is ended (milliseconds). */
const patienceMs = 30_000

const say = (words: string) => process.stdout.write(`${words}\n`)

const main = async (): Promise<void> => {
  if (cluster.isWorker) {
    stopOnSignal(await serve({ env: loadEnv(), worker: true, demo: servesDemo() }))
    return
  }
  const wanted = loadEnv()
  const env = await withFreePorts(wanted)
  const serving =
    env.WORKERS > 1
      ? await superviseWorkers(env)
      : await serve({ env, worker: false, demo: !env.production })
  stopOnSignal(serving)
  if (env.production) return
  if (env.PORT !== wanted.PORT) say(`Port ${wanted.PORT} is taken; using ${env.PORT} instead.`)
  const { greeting } = await import('./process/evaluate.ts')
  say(greeting(env))
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
