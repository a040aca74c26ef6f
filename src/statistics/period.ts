import { Problem } from '#src/lib/problem.ts'
import type { Asked, Grain } from './report-repository.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const lengths: Record<Grain, number> = { hour: hourMs, day: dayMs }
const hoursAreKeptMs = 13 * dayMs
const longestInHoursMs = 2 * dayMs
const longestMs = 3 * 366 * dayMs
const usualMs = 30 * dayMs

/** What somebody asks for; what is left out is null. */
export interface Question {
  since: Date | null
  until: Date | null
  clientId: string | null
  channel: string | null
}

/**
 * Whole days by UTC, and whole hours where up to two of the last days are asked for: what is counted
 * begins where the first of them begins.
 *
 * @throws Problem `invalid_input`
 */
export const askedFor = ({ since, until, ...filters }: Question, now: Date): Asked => {
  const end = until ?? now
  const begin = since ?? new Date(end.getTime() - usualMs + dayMs)
  const length = end.getTime() - begin.getTime()
  if (length <= 0 || length > longestMs) {
    const message = length > 0 ? 'has to be within three years of until' : 'has to be before until'
    throw new Problem('invalid_input', { errors: [{ path: 'since', message }] })
  }
  const recent = begin.getTime() > now.getTime() - hoursAreKeptMs
  const grain: Grain = recent && length <= longestInHoursMs ? 'hour' : 'day'
  const step = lengths[grain]
  const first = new Date(Math.floor(begin.getTime() / step) * step)
  return { grain, since: first, until: end, ...filters }
}

/** The beginning of each hour or day of a period. */
export const stepsOf = ({
  grain,
  since,
  until,
}: Pick<Asked, 'grain' | 'since' | 'until'>): Date[] => {
  const step = lengths[grain]
  const count = Math.ceil((until.getTime() - since.getTime()) / step)
  return Array.from({ length: count }, (_, index) => new Date(since.getTime() + index * step))
}
