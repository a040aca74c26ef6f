import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { ConfigurationError } from '#config/configuration-error.ts'
import type { Env } from '#config/env.ts'
import { rootSecrets } from '#config/secret.ts'
import { loadConnectors } from '#connectors/index.ts'
import { isReachable, openDatabase } from '../db/index.ts'
import { close } from '../lib/listen.ts'
import { logger } from '../lib/log.ts'
import { probes, workerMetrics } from '../lib/metrics.ts'
import { firstArgument } from './arguments.ts'
import { listenAt } from './ports.ts'
import { prepare, readDeclared } from './prepare.ts'
import type { Serving } from './serve.ts'

/** A worker that ends by itself is replaced, but not faster than this. */
const pauseMs = 1000

/**
 * Prepares the database once, then starts `WORKERS` processes that serve, and keeps them going.
 *
 * @throws ConfigurationError when they can not start; the first has said why
 */
export const superviseWorkers = async (env: Env): Promise<Serving> => {
  const log = logger(env.LOG_LEVEL)
  const secrets = rootSecrets(env)
  const connectors = await loadConnectors()
  const declared = readDeclared({ env, secrets, connectors })
  const demo = env.production
    ? null
    : (await import('./evaluate.ts')).demoRegistration(env, secrets)
  const db = await openDatabase({ url: env.DATABASE_URL, folder: env.DATA_DIR, poolSize: 1, log })
  await prepare({ env, secrets, connectors, db, declared, demo })

  let ending = false
  const workers = new Set<Worker>()
  const listening = new Set<Worker>()
  const start = (first: boolean): Worker => {
    cluster.setupPrimary({ args: first ? [firstArgument] : [] })
    const worker = cluster.fork(settled(env))
    workers.add(worker)
    worker.on('listening', ({ port }) => {
      if (port === env.PORT) listening.add(worker)
    })
    worker.once('exit', async (code, signal) => {
      workers.delete(worker)
      listening.delete(worker)
      if (ending) return
      log.error({ worker: worker.process.pid, code, signal }, 'a worker has ended')
      await sleep(pauseMs)
      if (!ending) start(first)
    })
    return worker
  }
  await Promise.all(Array.from({ length: env.WORKERS }, (_, index) => begun(start(index === 0))))

  const probing = probes({
    ready: async () => !ending && listening.size > 0 && isReachable(db),
    metrics: workerMetrics,
  })
  await listenAt(probing, env, 'METRICS_PORT')
  return {
    // The first worker says it.
    ownerLink: async () => null,
    async stop() {
      ending = true
      await Promise.all([...workers].map(end))
      await close(probing)
      await db.close()
    },
  }
}

/** Workers read the environment themselves; what was settled at the start goes before it. */
const settled = ({ PORT, DEMO_PORT, METRICS_PORT, BASE_URL }: Env) => ({
  PORT,
  DEMO_PORT,
  METRICS_PORT,
  BASE_URL,
})

/** Resolves when a worker listens. */
const begun = (worker: Worker): Promise<void> =>
  new Promise((resolve, reject) => {
    worker.once('listening', () => resolve())
    worker.once('exit', () =>
      reject(new ConfigurationError('A worker could not start; the reason is above.', [])),
    )
  })

const end = async (worker: Worker): Promise<void> => {
  const gone = once(worker, 'exit')
  worker.process.kill('SIGTERM')
  await gone
}
