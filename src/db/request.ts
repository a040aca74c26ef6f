import { AsyncLocalStorage } from 'node:async_hooks'
import { Problem } from '#src/lib/problem.ts'

interface Request {
  problem: Problem | null
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

/**
 * Waits for the database, unless the request has done so in vain already. For what several requests
 * wait for together as well: a failure counts for each of them.
 *
 * @throws Problem of `work`, or the one that this request has met before
 */
export const waitOnce = async <T>(work: () => Promise<T>): Promise<T> => {
  const request = current.getStore()
  if (request?.problem) throw request.problem
  try {
    return await work()
  } catch (error) {
    const gone = error instanceof Problem && error.code === 'unavailable'
    if (request && gone) request.problem = error
    throw error
  }
}
