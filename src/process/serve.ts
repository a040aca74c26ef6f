import { createServer, type RequestListener, type Server } from 'node:http'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Env } from '#config/env.ts'
import { rootSecrets } from '#config/secret.ts'
import { loadConnectors } from '#connectors/index.ts'
import { ownerLink } from '../admin/index.ts'
import { createApp } from '../app.ts'
import { clientStore } from '../clients/index.ts'
import { isReachable, openDatabase } from '../db/index.ts'
import { jobs } from '../lib/jobs.ts'
import { close } from '../lib/listen.ts'
import { logger } from '../lib/log.ts'
import { metrics, probes, shareMetrics } from '../lib/metrics.ts'
import { settingsStore } from '../settings/index.ts'
import { firstArgument } from './arguments.ts'
import { patient, uploadSeconds } from './patience.ts'
import { listenAt } from './ports.ts'
import { prepare, readDeclared } from './prepare.ts'

export interface Serving {
  /** With it somebody becomes the owner; null where there is one, or another process says it. */
  ownerLink(): Promise<string | null>
  /** Answers what has begun, then lets go of everything. */
  stop(): Promise<void>
}

/** Whoever has waited for the start has had an answer by then. */
const tidyAfterMs = 1000

export interface ServeOptions {
  env: Env
  /** Another process has prepared the database and answers probes. */
  worker: boolean
}

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
    const registration = evaluation ? evaluation.demoRegistration(env, secrets) : null
    await prepare({ env, secrets, connectors, db, declared, demo: registration })
  }
  const settings = settingsStore({ db })
  await settings.load()
  const work = jobs(log)
  const numbers = metrics()
  if (worker) shareMetrics(numbers)
  const app = await createApp({
    env,
    secrets,
    db,
    settings,
    clients: clientStore({ db }),
    connectors,
    gate: evaluation ? evaluation.localOnly({ baseUrl: env.BASE_URL, prefix: '/dev' }) : null,
    announce: evaluation ? evaluation.announce((line) => process.stdout.write(line)) : () => {},
    log,
    jobs: work,
    metrics: numbers,
  })

  const servers: Server[] = []
  if (evaluation) {
    const extra = { env, secrets, db, app, brand: settings.current().branding.name }
    evaluation.addInbox(extra)
    if (!worker || process.argv.includes(firstArgument)) {
      servers.push(await listenAt(evaluation.demoServer(extra), env, 'DEMO_PORT'))
    }
  }
  servers.push(await listenAt(httpServer(app.koa.callback()), env, 'PORT'))
  let ending = false
  const probing = probes({
    ready: async () => !ending && isReachable(db),
    metrics: () => numbers.registry.metrics(),
  })
  if (!worker) await listenAt(probing, env, 'METRICS_PORT')
  log.info({ port: env.PORT }, 'listening')

  // Nothing is waited for from here on: whoever is told to end a moment after this listens ends as any
  // other time. The first who ask do not wait for the rest either.
  setTimeout(collectGarbage, tidyAfterMs).unref()
  return {
    async ownerLink() {
      const first = !worker || process.argv.includes(firstArgument)
      if (!first || ending) return null
      return ownerLink(db, env.BASE_URL).catch((error: unknown) => {
        // It serves already, and goes on.
        log.error(
          { reason: (error as Error).message },
          'no link for the first owner: npx avouch owner link makes one',
        )
        return null
      })
    },
    async stop() {
      ending = true
      log.info('ending: requests that have begun are still answered')
      await Promise.all(servers.map(close))
      await work.drain()
      await app.close()
      if (!worker) await close(probing)
      await db.close()
    },
  }
}

const httpServer = (handler: RequestListener): Server => {
  const server = createServer(
    {
      headersTimeout: 10_000,
      requestTimeout: uploadSeconds * 1000,
      // How often the two are looked at; by default they count half a minute late.
      connectionsCheckingInterval: 5000,
      keepAliveTimeout: 65_000,
      maxHeaderSize: 16_384,
    },
    patient(handler),
  )
  server.maxRequestsPerSocket = 0
  return server
}

/** Reading settings, views and words leaves a third of the memory as garbage, and no request comes to
 * make V8 look for it. */
const collectGarbage = (): void => {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
