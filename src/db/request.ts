import { AsyncLocalStorage } from 'node:async_hooks'

interface Request {
  problem: unknown
}

const current = new AsyncLocalStorage<Request>()

/**
 * Runs the work of one request. Once the database has not answered it in time, it is asked nothing
 * more: each further question would wait as long again, and somebody is waiting for an answer.
 */
export const asOneRequest = <T>(work: () => Promise<T>): Promise<T> =>
  current.run({ problem: null }, work)

/** Runs what a request leaves to be done later, which stands by itself. */
export const afterRequest = <T>(work: () => Promise<T>): Promise<T> => current.exit(work)

/** @throws what the database has failed this request with before */
export const refuseAfterFailure = (): void => {
  const request = current.getStore()
  if (request?.problem) throw request.problem
}

/** Remembers a failure for the request in which it came up, and hands it back. */
export const rememberFailure = (problem: unknown): unknown => {
  const request = current.getStore()
  if (request) request.problem = problem
  return problem
}
