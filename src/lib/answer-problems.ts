import { randomUUID } from 'node:crypto'
import type { Context, Middleware } from 'koa'
import type { Logger } from 'pino'
import { Problem } from './problem.ts'

export interface AnswerOptions {
  log: Logger
  /** Draws a page for a person. */
  drawPage: (ctx: Context, problem: Problem) => void
}

/**
 * Turns what was thrown into an answer: a page for people, `application/problem+json` (RFC 9457) for
 * programs. What is no `Problem` is a bug: it is logged whole, and shown as a reference alone.
 */
export const answerProblems =
  ({ log, drawPage }: AnswerOptions): Middleware =>
  async (ctx, next) => {
    // By this people and logs name the request.
    ctx.state.reference = randomUUID().slice(-12)
    try {
      await next()
      const empty = ctx.body === undefined || ctx.body === null
      if (empty && ctx.status === 404) throw new Problem('not_found')
      if (empty && ctx.status === 405) throw new Problem('method_not_allowed')
      if (ctx.state.problem) throw ctx.state.problem
    } catch (error) {
      const problem = asProblem(error)
      if (problem.status >= 500) {
        const known = problem.code !== 'internal'
        log[known ? 'warn' : 'error'](
          { reference: ctx.state.reference, path: safePath(ctx.path), error: describe(error) },
          known ? problem.message : 'unexpected error',
        )
      }
      answer(ctx, problem, { log, drawPage })
    }
  }

/** Client errors of koa's body parser and the like say what they are by their status. */
const asProblem = (error: unknown): Problem => {
  if (error instanceof Problem) return error
  const { status, expose } = error as { status?: number; expose?: boolean }
  if (expose && status === 413) return new Problem('too_large', { cause: error })
  if (expose && status === 415) return new Problem('unsupported_media_type', { cause: error })
  if (expose && status && status >= 400 && status < 500)
    return new Problem('bad_request', { cause: error })
  return new Problem('internal', { cause: error })
}

/** A link token must not get into a log. */
export const safePath = (path: string): string => path.replace(/^\/l\/[^/]+/, '/l/…')

const describe = (error: unknown): Record<string, unknown> => {
  const { name, message, stack, code, cause } = error as Error & { code?: string }
  return {
    name,
    code,
    message,
    ...(error instanceof Problem ? {} : { stack }),
    ...(cause ? { cause: describe(cause) } : {}),
  }
}

const answer = (ctx: Context, problem: Problem, { log, drawPage }: AnswerOptions): void => {
  ctx.remove('location')
  ctx.set('cache-control', 'no-store')
  if (problem.retryAfterSeconds) ctx.set('retry-after', String(problem.retryAfterSeconds))
  if (!ctx.state.program && ctx.accepts('json', 'html') === 'html') {
    try {
      drawPage(ctx, problem)
      return
    } catch (error) {
      const { reference } = ctx.state
      log.error({ reference, error: describe(error) }, 'a page could not be drawn')
    }
  }
  ctx.status = problem.status
  ctx.body = {
    type: 'about:blank',
    title: problem.message,
    status: problem.status,
    code: problem.code,
    ...(problem.detail ? { detail: problem.detail } : {}),
    reference: ctx.state.reference,
    ...(problem.errors.length > 0 ? { errors: problem.errors } : {}),
  }
  ctx.type = 'application/problem+json'
}
