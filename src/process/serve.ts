import cluster from 'node:cluster'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { Env } from '#config/env.ts'
import { rootSecrets } from '#config/secret.ts'
import { loadConnectors } from '#connectors/index.ts'
import { createApp } from '../app.ts'
import { clientStore } from '../clients/index.ts'
import { alive, openDatabase } from '../db/index.ts'
import { jobs } from '../lib/jobs.ts'
import { close, listen } from '../lib/listen.ts'
import { logger } from '../lib/log.ts'
import { metrics, probes, shareMetrics } from '../lib/metrics.ts'
import { settingsStore } from '../settings/index.ts'
import { prepare, readDeclared } from './prepare.ts'

export interface Serving {
  /** Answers what has begun, then lets go of everything. */
  stop(): Promise<void>
}

export interface ServeOptions {
  env: Env
  /** Another process has prepared the database and answers probes. */
  worker: boolean
}

/** Requests that take longer have lost their browser (seconds). */
const requestSeconds = 30

/** Opens the database, prepares it, and listens. */
export const serve = async ({ env, worker }: ServeOptions): Promise<Serving> => {
  const log = logger(env.LOG_LEVEL)
  const secrets = rootSecrets(env)
  const connectors = await loadConnectors()
  const declared = readDeclared({ env, secrets, connectors })
  const evaluation = env.production ? null : await import('./evaluate.ts')

  const db = await openDatabase({
    url: env.DATABASE_URL,
    folder: env.DATA_DIR,
    owner: `process ${process.pid} (${env.BASE_URL})`,
    log,
  })
  if (!worker) {
    const demo = evaluation ? evaluation.demoRegistration(env, secrets) : null
    await prepare({ env, secrets, connectors, db, declared, demo })
  }
  const settings = settingsStore({ db })
  await settings.load()
  const clients = clientStore({ db })
  const work = jobs(log)
  const numbers = metrics()
  if (worker) shareMetrics(numbers)
  const app = await createApp({
    env,
    secrets,
    db,
    settings,
    clients,
    connectors,
    gate: evaluation ? evaluation.localOnly({ baseUrl: env.BASE_URL, prefix: '/dev' }) : null,
    announce: evaluation ? evaluation.announce((line) => process.stdout.write(line)) : () => {},
    log,
    jobs: work,
    metrics: numbers,
  })
  const extra = evaluation
    ? await evaluation.evaluate({ env, secrets, db, app, brand: settings.current().branding.name })
    : null

  const servers: Server[] = [
    await listen(httpServer(app.koa.callback()), env.PORT, env.HOST),
    ...(extra && (!worker || cluster.worker?.id === 1)
      ? [await listen(extra.demo, env.DEMO_PORT, env.HOST)]
      : []),
    ...(worker
      ? []
      : [
          await listen(
            probes({
              ready: () => alive(db),
              metrics: () => numbers.registry.metrics(),
            }),
            env.METRICS_PORT,
            env.HOST,
          ),
        ]),
  ]

  return {
    async stop() {
      await Promise.all(servers.map(close))
      await work.drain()
      await app.close()
      await db.close()
    },
  }
}

const httpServer = (handler: RequestListener): Server => {
  const server = createServer(
    {
      headersTimeout: 10_000,
      requestTimeout: requestSeconds * 1000,
      keepAliveTimeout: 65_000,
      maxHeaderSize: 16_384,
    },
    handler,
  )
  server.maxRequestsPerSocket = 0
  return server
}
