import type { LoggedEvent } from '#src/audit/contract.ts'
import type { Counter, Dimensions } from './contract.ts'
import { bucketOf } from './histogram.ts'

type Dimension = keyof Dimensions

/** What is counted of each event, and by what. */
const counted: Readonly<Record<string, readonly Dimension[]>> = {
  'sign_in.started': ['clientId'],
  'sign_in.completed': ['clientId', 'method'],
  'message.queued': ['clientId', 'channel', 'country'],
  'message.refused': ['clientId', 'channel', 'country', 'reason'],
  'message.accepted': ['clientId', 'channel', 'connector', 'country'],
  'message.failed': ['clientId', 'channel', 'connector', 'country', 'reason'],
  'message.unknown': ['clientId', 'channel', 'connector', 'country', 'reason'],
  'message.dropped': ['clientId', 'channel', 'country'],
  'message.delivered': ['clientId', 'channel', 'connector', 'country'],
  'message.undelivered': ['clientId', 'channel', 'connector', 'country', 'reason'],
  'link.opened': ['clientId', 'channel', 'reason'],
  'verification.succeeded': ['clientId', 'channel', 'method', 'connector', 'country'],
  'verification.failed': ['clientId', 'channel', 'method', 'country', 'reason'],
  'consent.refused': ['clientId'],
  'token.issued': ['clientId', 'method'],
  'factor.added': ['method'],
  'user.factors_reset': ['method'],
}

const none: Dimensions = {
  clientId: '',
  channel: '',
  method: '',
  connector: '',
  country: '',
  reason: '',
}

const dimensionsOf = (event: LoggedEvent): Dimensions => ({
  clientId: event.clientId ?? '',
  channel: event.channel ?? '',
  method: event.method ?? '',
  connector: event.connector ?? '',
  country: event.country ?? '',
  reason: event.result ?? '',
})

export const hourOf = (at: Date): Date => new Date(Math.floor(at.getTime() / 3_600_000) * 3_600_000)

/** What one event adds. */
export const countersOf = (event: LoggedEvent): Counter[] => {
  const by = counted[event.event]
  if (!by) return []
  const all = dimensionsOf(event)
  const at = hourOf(event.at)
  const dimensions = { ...none }
  for (const each of by) dimensions[each] = all[each]
  if (event.event === 'user.factors_reset') {
    const each = { metric: event.event, at, ...dimensions, count: 1 }
    return factorsOf(event).map((method) => ({ ...each, method }))
  }
  const counter = { metric: event.event, at, ...dimensions, count: 1 }
  const ms = event.event === 'verification.succeeded' ? tookOf(event) : null
  if (ms === null) return [counter]
  const { clientId, channel, connector } = all
  const reason = String(bucketOf(ms / 1000))
  return [
    counter,
    { ...none, metric: 'verified.within', at, clientId, channel, connector, reason, count: 1 },
  ]
}

/** An admin may have reset several at once. */
const factorsOf = (event: LoggedEvent): string[] => {
  const { factors } = detailOf(event)
  return Array.isArray(factors) ? factors.map(String) : []
}

/** One event that can not be read must not keep those behind it from being counted. */
const detailOf = ({ detail }: LoggedEvent): Record<string, unknown> => {
  try {
    const read: unknown = JSON.parse(detail ?? 'null')
    return typeof read === 'object' && read !== null ? (read as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** From asking for a message to its proof, in milliseconds. */
const tookOf = (event: LoggedEvent): number | null => {
  const { tookMs } = detailOf(event)
  return typeof tookMs === 'number' ? tookMs : null
}

/** Adds up what is counted by the same. */
export const addUp = (counters: readonly Counter[]): Counter[] => {
  const sums = new Map<string, Counter>()
  for (const counter of counters) {
    const { count, at, ...rest } = counter
    const key = JSON.stringify([at.getTime(), ...Object.values(rest)])
    const sum = sums.get(key)
    if (sum) sum.count += count
    else sums.set(key, { ...counter })
  }
  return [...sums.values()]
}
