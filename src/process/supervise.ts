import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Env } from '#config/env.ts'
import { rootSecrets } from '#config/secret.ts'
import { loadConnectors } from '#connectors/index.ts'
import { alive, openDatabase } from '../db/index.ts'
import { close, listen } from '../lib/listen.ts'
import { logger } from '../lib/log.ts'
import { probes, workerMetrics } from '../lib/metrics.ts'
import { prepare, readDeclared } from './prepare.ts'
import type { Serving } from './serve.ts'

/** A worker that ends by itself is replaced, but not faster than this. */
const pauseMs = 1000

/** Prepares the database once, then starts `WORKERS` processes that serve, and keeps them going. */
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

  let stopping = false
  const workers = new Set<Worker>()
  const start = (): Worker => {
    const worker = cluster.fork()
    workers.add(worker)
    worker.once('exit', async (code, signal) => {
      workers.delete(worker)
      if (stopping) return
      log.error(
        { worker: worker.process.pid, code, signal },
        'a worker has ended; starting another',
      )
      await sleep(pauseMs)
      if (!stopping) start()
    })
    return worker
  }
  await Promise.all(Array.from({ length: env.WORKERS }, () => once(start(), 'listening')))

  const server = await listen(
    probes({
      ready: async () => workers.size > 0 && (await alive(db)),
      metrics: workerMetrics,
    }),
    env.METRICS_PORT,
    env.HOST,
  )
  return {
    async stop() {
      stopping = true
      await Promise.all([...workers].map(end))
      await close(server)
      await db.close()
    },
  }
}

const end = async (worker: Worker): Promise<void> => {
  const gone = once(worker, 'exit')
  worker.process.kill('SIGTERM')
  await gone
}
