import { DeliveryError, type Message } from '#connectors/contract.ts'
import { answered, began, failed, mayTry } from './breaker.ts'
import type { Attempt, Outcome } from './delivery-repository.ts'
import type { Running } from './instances.ts'
import { maskWords } from './mask.ts'

/** After this, another process believes that this one is gone; no further vendor is asked. */
const patienceMs = 25_000

/** A connector that throws anything else has a bug; what it did before is not known. */
export const asDeliveryError = (error: unknown): DeliveryError =>
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
  tookMs: null,
  earlier: [],
})

/** What is kept of a failure: the vendor's words, without the recipient. */
export const failedBy = (connectorId: string | null, error: DeliveryError): Outcome => ({
  ...outcome(error.failure === 'unknown_outcome' ? 'unknown' : 'failed', connectorId),
  failure: error.failure,
  vendorCode: error.vendorCode && maskWords(error.vendorCode),
  vendorWords: maskWords(error.message),
})

export const acceptedBy = (connectorId: string | null, reference: string): Outcome => ({
  ...outcome('accepted', connectorId),
  reference,
})

/** Asks one vendor, and remembers how it went for those who come after. */
const attempt = async (instance: Running, message: Message, now: () => Date): Promise<Outcome> => {
  instance.breaker = began(instance.breaker, now().getTime())
  try {
    const { reference } = await instance.send(message)
    instance.breaker = answered(instance.breaker, now().getTime())
    return acceptedBy(instance.id, reference)
  } catch (thrown) {
    const error = asDeliveryError(thrown)
    const { failure, retryAfterSeconds } = error
    const didAnswer = failure === 'rejected' || failure === 'misconfigured'
    instance.breaker = didAnswer
      ? answered(instance.breaker, now().getTime())
      : failed(
          instance.breaker,
          now().getTime(),
          retryAfterSeconds === null ? null : retryAfterSeconds * 1000,
        )
    return failedBy(instance.id, error)
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
  const asked: Attempt[] = []
  for (const instance of candidates) {
    if (now().getTime() > deadline) break
    if (!mayTry(instance.breaker, now().getTime())) continue
    const started = performance.now()
    const { id: connectorId } = instance
    const one = await attempt(instance, compose(instance), now)
    const tookMs = Math.round(performance.now() - started)
    last = { ...one, tookMs, earlier: [...asked] }
    if (isFinal(last)) break
    const { failure, vendorCode, vendorWords } = one
    asked.push({ connectorId, failure: failure!, vendorCode, vendorWords, tookMs })
  }
  return last
}
