import { askedText } from '../asked.ts'
import type { Visit } from '../frame.ts'

export const periods = ['1h', '24h', '7d', '30d', 'custom'] as const
const hourMs = 3_600_000
const lengths: Record<string, number> = { '1h': 1, '24h': 24, '7d': 7 * 24, '30d': 30 * 24 }

/** Filters with a field of their own, named as the operation names them. */
export const filterNames = [
  'event',
  'result',
  'actor',
  'user',
  'client',
  'method',
  'connector',
  'channel',
  'country',
  'address',
  'reference',
  'interaction',
  'target',
  'text',
] as const
export type FilterName = (typeof filterNames)[number]

export interface Filter {
  /** As they were typed. */
  typed: Record<FilterName | 'period' | 'since' | 'until', string>
  /** For the operation. */
  query: Record<string, string>
  /** For links that ask the same. */
  search: URLSearchParams
}

/** Reads the filters from the address of the page. What is wrong with them, the operation says. */
export const readFilter = (visit: Visit, now: Date): Filter => {
  const given = filterNames.map((name) => [name, askedText(visit, name)] as const)
  const [since, until] = [askedText(visit, 'since'), askedText(visit, 'until')]
  const asked = periods.find((each) => each === askedText(visit, 'period'))
  const period = asked ?? (since || until ? 'custom' : '')
  const own = period === 'custom'
  const times: [string, string][] = own
    ? [
        ['since', since],
        ['until', until],
      ]
    : []
  const set = [...given, ...times].filter(([, value]) => value !== '')
  const length = lengths[period]
  const begin = length === undefined ? null : new Date(now.getTime() - length * hourMs)
  return {
    typed: {
      ...(Object.fromEntries(given) as Record<FilterName, string>),
      period,
      since: own ? since : '',
      until: own ? until : '',
    },
    query: {
      ...Object.fromEntries(set.map(([name, value]) => [name, written(name, value)])),
      ...(begin ? { since: begin.toISOString() } : {}),
    },
    search: new URLSearchParams([
      ...set.map(([name, value]): [string, string] => [name, value]),
      ...(period ? [['period', period] as [string, string]] : []),
    ]),
  }
}

/** A field for a time says neither seconds nor zone. */
const written = (name: string, value: string): string => {
  if (name === 'country') return value.toUpperCase()
  if (name !== 'since' && name !== 'until') return value
  const [, day, time = 'T00:00', seconds = ':00'] =
    /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d)?(:\d\d)?$/.exec(value) ?? []
  return day === undefined ? value : `${day}${time}${seconds}Z`
}
