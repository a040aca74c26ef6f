import { randomInt, randomUUID } from 'node:crypto'
import type {
  Channel,
  Connector,
  DeliveryError,
  Host,
  Instance,
  UsageType,
} from '#connectors/contract.ts'
import type { Keyring } from '#src/lib/crypto.ts'
import { type Composer, compose } from './compose.ts'
import { acceptedBy, asDeliveryError, failedBy } from './deliver.ts'
import type { DeliveryRepository, Outcome } from './delivery-repository.ts'
import { contentOf } from './manage/preview.ts'
import { maskWords } from './mask.ts'
import type { Choose } from './template.ts'

/** Settings as somebody has typed them, saved or not. */
export interface Typed {
  /** The instance that they are for; null where there is none yet. */
  id: string | null
  connector: Connector
  /** As it was typed, with its secrets. */
  config: unknown
}

export interface Trial extends Typed {
  channel: Channel
  /** Canonical. */
  to: string
  usageType: UsageType
  locale: string
  choose: Choose
}

export interface Verdict {
  failure: DeliveryError['failure'] | null
  vendorCode: string | null
  /** The vendor's own, without the recipient. */
  vendorWords: string | null
  /** What to do about it; null where nobody knows. */
  hint: string | null
  latencyMs: number
}

export interface TrialVerdict extends Verdict {
  accepted: boolean
  /** The vendor's. */
  reference: string | null
  deliveryId: string
  /** Whether the vendor says later what became of it. */
  receiptComes: boolean
}

export interface TrialDeps extends Composer {
  deliveries: DeliveryRepository
  keys: Keyring
  hostOf: (id: string) => Host
}

const verdict = (connector: Connector, error: DeliveryError | null, started: number): Verdict => ({
  failure: error?.failure ?? null,
  vendorCode: error?.vendorCode ? maskWords(error.vendorCode) : null,
  vendorWords: error && maskWords(error.message),
  hint: (error && connector.hint?.(error)) ?? null,
  latencyMs: Math.round(performance.now() - started),
})

/** Opens an instance for one use. */
const once = async (
  { connector, config }: Typed,
  host: Host,
  use: (instance: Instance) => Promise<void>,
): Promise<DeliveryError | null> => {
  let instance: Instance | null = null
  try {
    instance = await connector.open(connector.config.parse(config), host)
    await use(instance)
    return null
  } catch (error) {
    return asDeliveryError(error)
  } finally {
    await instance?.close().catch(() => {})
  }
}

/** Checks credentials without sending anything. `config` has to be valid. */
export const verify = async (typed: Typed, host: Host): Promise<Verdict> => {
  const started = performance.now()
  const error = await once(typed, host, (instance) => instance.verify())
  return verdict(typed.connector, error, started)
}

/**
 * Sends one real message with settings as they were typed, and records it as a test. The code in it
 * opens nothing. `config` has to be valid.
 */
export const tryOut = async (deps: TrialDeps, trial: Trial): Promise<TrialVerdict> => {
  const { connector, channel, to, usageType, locale } = trial
  const deliveryId = randomUUID()
  const host = deps.hostOf(trial.id ?? connector.id)
  const called = connector.receipt !== undefined && host.receiptUrl({ id: deliveryId }) !== null
  await deps.deliveries.insertTest({
    id: deliveryId,
    channel,
    to,
    usageType,
    connectorId: trial.id,
    // The vendor may call back before the settings are saved, or with others than those saved.
    typed: called ? { connector: connector.id, config: trial.config } : null,
  })
  const message = compose(
    {
      id: deliveryId,
      channel,
      usageType,
      to,
      locale,
      variables: {
        ...contentOf(usageType, String(randomInt(1_000_000)).padStart(6, '0')),
        link: channel === 'email' ? `${deps.baseUrl}/l/test` : null,
        expiresInMinutes: channel === 'email' ? 10 : 5,
        applicationName: 'Test',
        userName: null,
      },
    },
    trial.choose,
    deps,
  )
  const started = performance.now()
  let reference: string | null = null
  const error = await once(trial, host, async (instance) => {
    reference = (await instance.send(message)).reference
  })
  const said = verdict(connector, error, started)
  const outcome: Outcome = error ? failedBy(trial.id, error) : acceptedBy(trial.id, reference ?? '')
  await deps.deliveries.finish(deliveryId, { ...outcome, tookMs: said.latencyMs })
  const accepted = error === null
  return { accepted, reference, deliveryId, receiptComes: accepted && called, ...said }
}
