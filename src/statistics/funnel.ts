import type { LoggedEvent } from '#src/audit/contract.ts'
import type { Counter, Progress, Stage } from './contract.ts'
import { stages } from './contract.ts'
import { hourOf } from './count.ts'

/** What an event says of how far its sign-in has come. */
const reachedBy: Readonly<Record<string, readonly Stage[]>> = {
  'sign_in.started': ['started'],
  'message.refused': ['started'],
  'message.queued': ['started', 'sent'],
  'message.accepted': ['accepted'],
  'message.delivered': ['delivered'],
  'verification.succeeded': ['verified'],
  'sign_in.completed': ['completed'],
  'token.issued': ['issued'],
}

const bitsOf = (of: readonly Stage[]): number =>
  of.reduce((bits, stage) => bits | (1 << stages.indexOf(stage)), 0)

const verified = bitsOf(['verified'])

/** Whether an event belongs to a funnel. */
export const isStage = ({ event, interactionUid }: LoggedEvent): boolean =>
  interactionUid !== null && event in reachedBy

export const everyChannel = 'all'

const keyOf = ({ interactionUid, channel }: Pick<Progress, 'interactionUid' | 'channel'>) =>
  `${channel} ${interactionUid}`

/**
 * Goes on with funnels: each stage of a sign-in counts once, when the sign-in began, both for its
 * channel and for all. What ends a sign-in counts for the channels that it was proven over.
 *
 * @param before of these sign-ins, as far as they had come
 * @returns those that have come further, and what that adds
 */
export const advance = (
  before: readonly Progress[],
  events: readonly LoggedEvent[],
): { progress: Progress[]; counters: Counter[] } => {
  const known = new Map(before.map((each) => [keyOf(each), { ...each }]))
  const changed = new Set<Progress>()
  const counters: Counter[] = []

  const mark = (event: LoggedEvent, channel: string, bits: number) => {
    const interactionUid = event.interactionUid!
    const key = keyOf({ interactionUid, channel })
    let progress = known.get(key)
    if (!progress) {
      const clientId = event.clientId ?? ''
      progress = { interactionUid, channel, clientId, at: hourOf(event.at), reached: 0 }
      known.set(key, progress)
    }
    const fresh = bits & ~progress.reached
    if (fresh === 0) return
    progress.reached |= bits
    changed.add(progress)
    const { clientId, at } = progress
    const rest = { method: '', connector: '', country: '', reason: '', count: 1 }
    stages.forEach((stage, index) => {
      if ((fresh & (1 << index)) === 0) return
      counters.push({ metric: `funnel.${stage}`, at, clientId, channel, ...rest })
    })
  }

  const channelsOf = ({ channel, interactionUid }: LoggedEvent): string[] => {
    if (channel) return [channel]
    return ['sms', 'email'].filter((each) => {
      const progress = known.get(keyOf({ interactionUid: interactionUid!, channel: each }))
      return progress !== undefined && (progress.reached & verified) !== 0
    })
  }

  for (const event of events) {
    if (!isStage(event)) continue
    const bits = bitsOf(reachedBy[event.event]!)
    mark(event, everyChannel, bits)
    const ends = event.event === 'sign_in.completed' || event.event === 'token.issued'
    if (event.channel || ends) for (const each of channelsOf(event)) mark(event, each, bits)
  }
  return { progress: [...changed], counters }
}
