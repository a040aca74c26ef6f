import type Keygrip from 'keygrip'
import Koa, { type Middleware } from 'koa'
import { asOneRequest } from './db/index.ts'
import { answerProblems } from './lib/answer-problems.ts'
import type { Assets } from './lib/assets.ts'
import { refuseCrossSite } from './lib/csrf.ts'
import { edge, protect, refuseBrokenText } from './lib/edge.ts'
import type { Logger } from './lib/log.ts'
import type { Metrics } from './lib/metrics.ts'
import { drawProblemPage } from './lib/problem-page.ts'
import type { Pages } from './lib/show.ts'

export interface AnsweringDeps {
  baseUrl: string
  /** Whether an address is a proxy of ours. */
  trusted: (address: string) => boolean
  cookies: Keygrip
  metrics: Metrics
  log: Logger
  pages: Pages
  assets: Assets
  /** Goes before anything that changes a request. */
  gate: Middleware | null
  /** Everything below the issuer. */
  protocol: Middleware
  /** Routes that are called from elsewhere. */
  programs: readonly Middleware[]
  /** Routes whose forms come from their own pages. */
  people: readonly Middleware[]
}

/** The way of a request, from its first byte to its answer: read from top to bottom. */
export const answering = (deps: AnsweringDeps): Koa => {
  const { baseUrl, log, pages } = deps
  const koa = new Koa()
  koa.proxy = true
  koa.keys = deps.cookies as never
  koa.silent = true
  koa.use(deps.metrics.middleware)
  koa.use((_ctx, next) => asOneRequest(next))
  koa.use(answerProblems({ log, drawPage: (ctx, problem) => drawProblemPage(pages, ctx, problem) }))
  koa.use(protect(baseUrl))
  if (deps.gate) koa.use(deps.gate)
  koa.use(edge({ baseUrl, trusted: deps.trusted }))
  koa.use(refuseBrokenText)
  koa.use(deps.assets.middleware)
  koa.use(rewriteMetadataPath)
  koa.use(deps.protocol)
  for (const routes of deps.programs) koa.use(routes)
  koa.use(refuseCrossSite(baseUrl))
  for (const routes of deps.people) koa.use(routes)
  return koa
}

/** RFC 8414 puts the issuer's path behind the well-known one; the provider is mounted before it. */
const rewriteMetadataPath: Middleware = (ctx, next) => {
  const wellKnown = /^\/\.well-known\/(oauth-authorization-server|openid-configuration)\/oidc$/
  const document = wellKnown.exec(ctx.path)?.[1]
  if (document) ctx.path = `/oidc/.well-known/${document}`
  return next()
}
