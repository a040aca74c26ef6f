import { createServer, type Server } from 'node:http'
import type { Middleware } from 'koa'
import {
  AggregatorRegistry,
  Counter,
  collectDefaultMetrics,
  Histogram,
  Registry,
} from 'prom-client'

export interface Metrics {
  registry: Registry
  /** Counts and times every request, by the kind of path. */
  middleware: Middleware
  signIns: Counter<'method' | 'acr'>
  logouts: Counter<'state'>
}

/** Numbers for Prometheus. Labels are few and never name a person. */
export const metrics = (): Metrics => {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'avouch_http_request_duration_seconds',
    help: 'Time from a request to its answer',
    labelNames: ['route', 'status'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [registry],
  })
  const signIns = new Counter({
    name: 'avouch_sign_ins_total',
    help: 'Completed sign-ins',
    labelNames: ['method', 'acr'] as const,
    registers: [registry],
  })
  const logouts = new Counter({
    name: 'avouch_backchannel_logouts_total',
    help: 'Tries to tell a client that a session has ended, by what became of it: delivered, pending (tried again) or dead',
    labelNames: ['state'] as const,
    registers: [registry],
  })
  return {
    registry,
    signIns,
    logouts,
    async middleware(ctx, next) {
      const started = performance.now()
      try {
        await next()
      } finally {
        const seconds = (performance.now() - started) / 1000
        requests.observe(
          { route: routeOf(ctx.path), status: `${Math.floor(ctx.status / 100)}xx` },
          seconds,
        )
      }
    },
  }
}

const oidcRoutes = new Set([
  'auth',
  'token',
  'me',
  'jwks',
  'session',
  'request',
  'device',
  '.well-known',
])

const routeOf = (path: string): string => {
  const [, first = '', second = ''] = path.split('/', 3)
  if (first === 'oidc') return oidcRoutes.has(second) ? `oidc/${second}` : 'oidc'
  return ['interaction', 'l', 'assets', 'dev'].includes(first) ? first : 'other'
}

/** Lets the first process collect the numbers of this one. */
export const shareMetrics = ({ registry }: Metrics): void => {
  AggregatorRegistry.setRegistries([registry])
  // Made for what its constructor does: from then on this process answers the first one.
  new AggregatorRegistry()
}

/** The numbers of all workers together. */
export const workerMetrics = (): Promise<string> => new AggregatorRegistry().clusterMetrics()

/** Probes and metrics, on a port of their own that is not for the public. */
export const probes = (options: {
  ready: () => Promise<boolean>
  metrics: () => Promise<string>
}): Server =>
  createServer(async (req, res) => {
    const answer = (status: number, body: string) =>
      res.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(body)
    try {
      if (req.url === '/livez') answer(200, 'ok\n')
      else if (req.url === '/readyz') {
        const ready = await options.ready()
        answer(ready ? 200 : 503, ready ? 'ok\n' : 'not ready\n')
      } else if (req.url === '/metrics') answer(200, await options.metrics())
      else answer(404, 'not found\n')
    } catch {
      answer(503, 'not ready\n')
    }
  })
