import type { Consumer, LoggedEvent } from '#src/audit/contract.ts'
import { deliveryRepository, type NewDelivery } from './delivery-repository.ts'
import { webhookRepository } from './repository.ts'

/** Whether a webhook asks for an event: by its name, or with `*` for all that begin so. */
export const asksFor = (patterns: readonly string[], event: string): boolean =>
  patterns.some((pattern) =>
    pattern.endsWith('*') ? event.startsWith(pattern.slice(0, -1)) : pattern === event,
  )

/**
 * What a receiver is told: what happened, and which things it is about. Whoever wants to know more
 * asks the API; nothing here identifies a person but the id, and nothing opens anything.
 */
export const bodyOf = (event: LoggedEvent): string => {
  const { id, at, event: type, userId, clientId, interactionUid, target, actor } = event
  const { method, channel, connector, country, result } = event
  const data = {
    eventId: id,
    userId,
    clientId,
    interactionId: interactionUid,
    targetId: target,
    actor,
    method,
    channel,
    connector,
    country,
    result,
  }
  const known = Object.entries(data).filter(([, value]) => value !== null)
  return JSON.stringify({ type, timestamp: at.toISOString(), data: Object.fromEntries(known) })
}

/** Notes for each webhook what it is to be told, in the transaction that moves the cursor. */
export const fanOut: Consumer = async (tx, events) => {
  const listening = await webhookRepository(tx).listening()
  if (listening.length === 0) return
  const deliveries = events.flatMap((event) =>
    listening
      .filter(
        ({ id, events: patterns, createdAt }) =>
          // What happens to a webhook is no news for itself: a failure would follow a failure.
          asksFor(patterns, event.event) && event.at >= createdAt && event.target !== id,
      )
      .map(
        ({ id }): NewDelivery => ({
          webhookId: id,
          eventId: event.id,
          event: event.event,
          body: bodyOf(event),
        }),
      ),
  )
  await deliveryRepository(tx).add(deliveries)
}
