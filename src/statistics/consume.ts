import type { Consumer } from '#src/audit/contract.ts'
import { addUp, countersOf } from './count.ts'
import { advance, isStage } from './funnel.ts'
import { statisticsRepository } from './repository.ts'

const signsOfLife = ['sign_in.completed', 'token.issued']

/** Adds events up, in the transaction that moves the cursor behind them. */
export const countEvents: Consumer = async (tx, events) => {
  const statistics = statisticsRepository(tx)
  const staged = events.filter(isStage)
  const uids = [...new Set(staged.map(({ interactionUid }) => interactionUid!))]
  const before = uids.length > 0 ? await statistics.progress(uids) : []
  const { progress, counters } = advance(before, staged)
  await statistics.keepProgress(progress)
  await statistics.add(addUp([...counters, ...events.flatMap(countersOf)]))
  const active = events.flatMap(({ event, userId, at }) =>
    userId !== null && signsOfLife.includes(event) ? [{ userId, at }] : [],
  )
  await statistics.addActive(active)
}
