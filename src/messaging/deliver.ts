import { DeliveryError, type Message } from '#connectors/contract.ts'
import { answered, began, failed, mayTry } from './breaker.ts'
import type { Outcome } from './delivery-repository.ts'
import type { Running } from './instances.ts'
import { maskWords } from './mask.ts'

/** After this, another process believes that this one is gone; no further vendor is asked. */
const patienceMs = 25_000

/** A connector that throws anything else has a bug; what it did before is not known. */
const asDeliveryError = (error: unknown): DeliveryError =>
  error instanceof DeliveryError
    ? error
    : new DeliveryError('unknown_outcome', 'The connector failed', { cause: error })

const outcome = (state: Outcome['state'], connectorId: string | null): Outcome => ({
  state,
  connectorId,
  reference: null,
  failure: null,
  vendorCode: null,
  vendorWords: null,
})

/** Asks one vendor, and remembers how it went for those who come after. */
const attempt = async (instance: Running, message: Message, now: () => Date): Promise<Outcome> => {
  instance.breaker = began(instance.breaker, now().getTime())
  try {
    const { reference } = await instance.send(message)
    instance.breaker = answered(instance.breaker, now().getTime())
    return { ...outcome('accepted', instance.id), reference }
  } catch (thrown) {
    const { failure, vendorCode, retryAfterSeconds, message: words } = asDeliveryError(thrown)
    const didAnswer = failure === 'rejected' || failure === 'misconfigured'
    instance.breaker = didAnswer
      ? answered(instance.breaker, now().getTime())
      : failed(
          instance.breaker,
          now().getTime(),
          retryAfterSeconds === null ? null : retryAfterSeconds * 1000,
        )
    return {
      ...outcome(failure === 'unknown_outcome' ? 'unknown' : 'failed', instance.id),
      failure,
      vendorCode: vendorCode && maskWords(vendorCode),
      vendorWords: maskWords(words),
    }
  }
}

/** Refused for good, or perhaps sent already: nobody else is asked. */
const isFinal = ({ failure }: Outcome): boolean =>
  failure === null || failure === 'rejected' || failure === 'unknown_outcome'

/**
 * Tries one instance after the other until the outcome is final. One that keeps failing is passed
 * over, and so is everyone once it has taken too long.
 */
export const deliver = async (
  candidates: readonly Running[],
  compose: (instance: Running) => Message,
  now: () => Date,
): Promise<Outcome> => {
  const deadline = now().getTime() + patienceMs
  let last: Outcome = {
    ...outcome('failed', null),
    failure: candidates.length > 0 ? 'unavailable' : 'misconfigured',
  }
  for (const instance of candidates) {
    if (now().getTime() > deadline) break
    if (!mayTry(instance.breaker, now().getTime())) continue
    last = await attempt(instance, compose(instance), now)
    if (isFinal(last)) break
  }
  return last
}
