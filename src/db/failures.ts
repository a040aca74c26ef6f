import { Problem } from '#src/lib/problem.ts'

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const passing = new Set([
  '25006', // read-only: a standby that is being promoted
  '40001', // serialization failure
  '40P01', // deadlock
  '53300', // too many connections
  '55P03', // lock timeout
  '57014', // statement timeout
  '57P01', // shutting down
  '57P02', // crashed
  '57P03', // starting up
])
const network = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENOENT',
])
const words = /terminated|timeout|not queryable|Unable to acquire|pool is (probably )?full|aborted/i

/** Whether the connection that this came from may no longer be used. */
export const breaksConnection = (error: unknown): boolean => {
  const code = (error as { code?: string }).code
  if (code === undefined) return words.test((error as Error).message)
  return network.has(code) || code.startsWith('08') || code.startsWith('57P')
}

/** Whether somebody else has what only one may have: of two who come at once, the second hears it so. */
export const isTaken = (error: unknown): boolean => (error as { code?: string }).code === '23505'

/** Turns bad weather into a `Problem`; what is our own fault stays what it is. */
export const asProblem = (error: unknown): unknown => {
  if (error instanceof Problem) return error
  const code = (error as { code?: string }).code
  // What it was to hang on, a person mostly, has been deleted meanwhile.
  if (code === '23503') return new Problem('not_found', { cause: error })
  const weather = (code !== undefined && passing.has(code)) || breaksConnection(error)
  return weather ? new Problem('unavailable', { cause: error, retryAfterSeconds: 2 }) : error
}
