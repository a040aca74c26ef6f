/**
 * The process: reads the settings, opens the database, listens, and on SIGTERM answers what has
 * begun before it ends. With `WORKERS`, a first process does what is done once and starts the others.
 */
import cluster from 'node:cluster'
import { ConfigurationError } from '#config/configuration-error.ts'
import { type Env, loadEnv } from '#config/env.ts'
import { freePort } from './lib/free-port.ts'
import { serve } from './process/serve.ts'
import { superviseWorkers } from './process/supervise.ts'

/** While evaluating, a port that is taken is no reason not to start. */
const withFreePorts = async (env: Env): Promise<Env> => {
  if (env.production) return env
  const movable = !env.explicit.PORT && !env.explicit.BASE_URL && env.WORKERS === 1
  const PORT = movable ? await freePort(env.PORT, env.HOST) : env.PORT
  const taken = new Set([PORT])
  const DEMO_PORT = env.explicit.DEMO_PORT
    ? env.DEMO_PORT
    : await freePort(env.DEMO_PORT, env.HOST, taken)
  taken.add(DEMO_PORT)
  const METRICS_PORT = env.explicit.METRICS_PORT
    ? env.METRICS_PORT
    : await freePort(env.METRICS_PORT, env.HOST, taken)
  if (PORT !== env.PORT) say(`Port ${env.PORT} is taken; using ${PORT} instead.`)
  return {
    ...env,
    PORT,
    DEMO_PORT,
    METRICS_PORT,
    BASE_URL: movable ? `http://localhost:${PORT}` : env.BASE_URL,
  }
}

const say = (words: string) => process.stdout.write(`${words}\n`)

const main = async (): Promise<void> => {
  if (cluster.isWorker) {
    stopOnSignal(await serve({ env: loadEnv(), worker: true }))
    return
  }
  const env = await withFreePorts(loadEnv())
  const serving =
    env.WORKERS > 1 ? await superviseWorkers(env) : await serve({ env, worker: false })
  stopOnSignal(serving)
  if (env.production) return
  const { greeting } = await import('./process/evaluate.ts')
  say(greeting(env))
}

const stopOnSignal = ({ stop }: { stop(): Promise<void> }): void => {
  let stopping = false
  const end = () => {
    if (stopping) return
    stopping = true
    stop().then(
      () => process.exit(0),
      (error: Error) => fail(error),
    )
  }
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
}

const fail = (error: Error): never => {
  process.stderr.write(`${error instanceof ConfigurationError ? error.message : error.stack}\n`)
  process.exit(1)
}

main().catch(fail)
