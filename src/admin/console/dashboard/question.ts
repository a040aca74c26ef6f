import type { ParsedUrlQuery } from 'node:querystring'

export const ranges = ['24h', '7d', '30d', '90d', 'custom'] as const
export type Range = (typeof ranges)[number]

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const days: Partial<Record<Range, number>> = { '7d': 7, '30d': 30, '90d': 90 }
const atLeastDays = 14

/** Which numbers somebody wants to see. */
export interface Question {
  range: Range
  /** Days as they were typed; empty unless the range is one's own. */
  since: string
  until: string
  client: string
  channel: string
  /** For the operations. */
  query: Record<string, string>
  /** For those that count by day: the same, and two weeks at least. */
  byDay: Record<string, string>
  /** For links that ask the same. */
  search: string
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value.trim() : '')

/** Reads it from the address of the page. What is wrong with it, the operations say. */
export const readQuestion = (given: ParsedUrlQuery, now: Date): Question => {
  const [client, channel] = [textOf(given.client), textOf(given.channel)]
  const [since, until] = [textOf(given.since), textOf(given.until)]
  const asked = ranges.find((each) => each === given.range)
  const range = asked ?? (since || until ? 'custom' : '30d')
  const period = range === 'custom' ? ownPeriod(since, until, now) : usual(range, now)
  const filters = { ...(client ? { client } : {}), ...(channel ? { channel } : {}) }
  const own = range === 'custom' ? { since, until } : {}
  return {
    range,
    since: range === 'custom' ? since : '',
    until: range === 'custom' ? until : '',
    client,
    channel,
    query: { ...period, ...filters },
    byDay: { ...period, since: earlier(period) },
    search: new URLSearchParams({ range, ...own, ...filters }).toString(),
  }
}

/** Days count from their beginning by UTC, so 7 of them are today and the 6 before. */
const usual = (range: Range, now: Date) => {
  const back = range === '24h' ? dayMs - hourMs : ((days[range] ?? 30) - 1) * dayMs
  return { since: new Date(now.getTime() - back).toISOString(), until: now.toISOString() }
}

/** Both days included; no further than now. */
const ownPeriod = (since: string, until: string, now: Date) => {
  const last = Date.parse(`${until}T00:00:00Z`) + dayMs
  const end = until === '' ? now.getTime() : Math.min(last, now.getTime())
  return {
    since: since === '' ? new Date(now.getTime() - 29 * dayMs).toISOString() : `${since}T00:00:00Z`,
    until: Number.isNaN(end) ? `${until}T00:00:00Z` : new Date(end).toISOString(),
  }
}

const earlier = ({ since, until }: { since: string; until: string }): string => {
  const [begin, end] = [Date.parse(since), Date.parse(until)]
  const least = end - (atLeastDays - 1) * dayMs
  // What can not be read stays, for the operation to refuse.
  return Number.isNaN(begin) || Number.isNaN(least) || begin <= least
    ? since
    : new Date(least).toISOString()
}
