import { DeliveryError, type DeliveryFailure } from '../contract.ts'

/** https://www.twilio.com/docs/api/errors */
const byCode: Record<number, DeliveryFailure> = {
  // About this recipient; another try would be answered the same.
  21211: 'rejected', // not a valid number
  21214: 'rejected', // can not be reached
  21217: 'rejected', // does not look like a number
  21408: 'rejected', // region not enabled
  21610: 'rejected', // has unsubscribed (STOP)
  21612: 'rejected', // not reachable from this sender
  21614: 'rejected', // not a mobile number
  21635: 'rejected', // a landline
  // Too much at once.
  14107: 'rate_limited',
  20429: 'rate_limited',
  21611: 'rate_limited', // the sender's queue is full
  // The account may do better in a moment.
  20500: 'unavailable',
  20503: 'unavailable',
}

const byStatus = (status: number): DeliveryFailure => {
  if (status === 429) return 'rate_limited'
  if (status >= 500 || status === 408) return 'unavailable'
  // Credentials, senders, redirects, trial accounts: nothing that the recipient could change.
  return 'misconfigured'
}

/** Seconds from `Retry-After`, which may also be a date (RFC 9110, section 10.2.3). */
export const retryAfter = (header: string | undefined, now = Date.now()): number | null => {
  if (header === undefined) return null
  if (/^\d{1,6}$/.test(header)) return Number(header)
  const at = Date.parse(header)
  return Number.isNaN(at) ? null : Math.max(Math.ceil((at - now) / 1000), 0)
}

interface Refusal {
  statusCode: number
  headers: { 'retry-after'?: string | undefined }
  body: unknown
}

/** What an answer that is not a success means. */
export const refused = ({ statusCode, headers, body }: Refusal): DeliveryError => {
  const { code, message } = (body ?? {}) as { code?: unknown; message?: unknown }
  const known = typeof code === 'number' ? code : null
  const failure = (known !== null && byCode[known]) || byStatus(statusCode)
  const words = typeof message === 'string' ? message : `HTTP ${statusCode}`
  return new DeliveryError(failure, words, {
    vendorCode: String(known ?? statusCode),
    retryAfterSeconds: retryAfter(headers['retry-after']),
  })
}

/** What it means that no answer came: before the request had left, nothing can have been sent. */
export const lost = (error: NodeJS.ErrnoException, written: boolean): DeliveryError =>
  new DeliveryError(written ? 'unknown_outcome' : 'unavailable', error.message, {
    vendorCode: error.code ?? null,
    cause: error,
  })
