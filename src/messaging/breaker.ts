/**
 * Skips a vendor that keeps failing, so that nobody waits for what will not come: open after five
 * failures in a row, or when half of the last twenty within 30 s failed; after 15 s one message is
 * let through to see. State is a value; the functions give the next one. Instants are milliseconds.
 */
export interface Breaker {
  inRow: number
  /** The last outcomes, oldest first. */
  recent: readonly { at: number; failed: boolean }[]
  /** Nothing is tried before this instant; null while closed. */
  openUntil: number | null
  /** One message is out to see whether the vendor is back. */
  probing: boolean
}

const mostInRow = 5
const windowSize = 20
const windowMs = 30_000
const pauseMs = 15_000
const longestPauseMs = 3_600_000

export const closed: Breaker = { inRow: 0, recent: [], openUntil: null, probing: false }

export const mayTry = ({ openUntil }: Breaker, now: number): boolean =>
  openUntil === null || now >= openUntil

/** To be called before a try: of an open breaker, it keeps the others away while one looks. */
export const began = (breaker: Breaker, now: number): Breaker =>
  breaker.openUntil === null ? breaker : { ...breaker, openUntil: now + pauseMs, probing: true }

/** The vendor answered, whatever it thought of the message. */
export const answered = (breaker: Breaker, now: number): Breaker => {
  if (breaker.probing) return closed
  return { ...breaker, inRow: 0, recent: remember(breaker, now, false) }
}

/** @param retryAfterMs what the vendor asked for: it is obeyed at once, up to an hour */
export const failed = (breaker: Breaker, now: number, retryAfterMs: number | null): Breaker => {
  const recent = remember(breaker, now, true)
  const inRow = breaker.inRow + 1
  const failures = recent.filter((each) => each.failed).length
  const often = recent.length >= windowSize && failures * 2 >= recent.length
  const trips = breaker.probing || inRow >= mostInRow || often
  const pause = Math.min(Math.max(retryAfterMs ?? 0, trips ? pauseMs : 0), longestPauseMs)
  const openUntil = pause > 0 ? Math.max(breaker.openUntil ?? 0, now + pause) : breaker.openUntil
  return { inRow, recent, openUntil, probing: false }
}

const remember = ({ recent }: Breaker, now: number, failed: boolean): Breaker['recent'] =>
  [...recent, { at: now, failed }].filter(({ at }) => at > now - windowMs).slice(-windowSize)
