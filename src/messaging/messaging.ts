import { type Connector, DeliveryError, type Host, type Message } from '#connectors/contract.ts'
import type { Db } from '#src/db/contract.ts'
import { keyring } from '#src/lib/crypto.ts'
import { type Composer, compose } from './compose.ts'
import { connectorRepository } from './connector-repository.ts'
import type { Messaging } from './contract.ts'
import { deliver } from './deliver.ts'
import { type Claimed, deliveryRepository } from './delivery-repository.ts'
import { inboxRepository } from './inbox-repository.ts'
import { instancePool, type Log } from './instance-pool.ts'
import type { Running } from './instances.ts'
import { type ReceiptCall, receipts } from './receipts.ts'
import { nameless } from './template.ts'
import { type Trial, type TrialVerdict, type Typed, tryOut, type Verdict, verify } from './trial.ts'

export interface MessagingDeps extends Composer {
  db: Db
  /** `SECRET_KEYS` */
  secrets: readonly string[]
  connectors: ReadonlyMap<string, Connector>
  /** In evaluation mode, what nobody is set up to send goes to the inbox. */
  evaluation: boolean
  /** Told of every message that goes to the inbox, to print it in the terminal. */
  announce: (message: Message) => void
  log: Log
  now?: () => Date
}

/** Messaging as those who manage it see it. */
export interface MessagingService extends Messaging {
  /** Takes over what has been changed, at once in this process. */
  reload(): Promise<void>
  /** Sends one real message with settings as they were typed. */
  tryOut(trial: Trial): Promise<TrialVerdict>
  /** Checks credentials without sending anything. */
  verify(typed: Typed): Promise<Verdict>
  /** Takes what a vendor says of a message; false where it does not come from the vendor. */
  receipt(call: ReceiptCall): Promise<boolean>
}

/** Under way at once in one process. What comes on top waits in the database for a sweep. */
const mostAtOnce = 100

/**
 * Sends messages: picks the words, asks one connector after the other, keeps a record.
 *
 * @throws when the stored connectors can not be read, for example under other `SECRET_KEYS`
 */
export async function messaging(deps: MessagingDeps): Promise<MessagingService> {
  const { db, connectors, evaluation, log, now = () => new Date() } = deps
  const keys = keyring(deps.secrets, 'messaging')
  const deliveries = deliveryRepository(db, keys)
  const inbox = inboxRepository(db)
  const underWay = new Set<Promise<void>>()

  const { protocol, hostname } = new URL(deps.baseUrl)
  const reachable = protocol === 'https:' && !nameless.test(hostname)
  const hostOf = (id: string): Host => ({
    baseUrl: deps.baseUrl,
    async keep(message) {
      if (!evaluation) throw new DeliveryError('misconfigured', 'The inbox is for evaluation')
      await inbox.keep(message)
      deps.announce(message)
    },
    receiptUrl: (message) =>
      reachable ? `${deps.baseUrl}/connectors/${id}/receipt?delivery=${message.id}` : null,
  })
  const stored = connectorRepository(db, keys)
  const pool = instancePool({ stored, connectors, evaluation, log, now, hostOf })
  await pool.load()

  /** Those who look see which vendor is passed over. */
  const noteCircuits = async (before: ReadonlyMap<Running, number | null>): Promise<void> => {
    for (const [{ id, breaker }, openUntil] of before) {
      if (breaker.openUntil === openUntil) continue
      const until = breaker.openUntil === null ? null : new Date(breaker.openUntil)
      await stored
        .setOpenUntil(id, until)
        .catch((error: Error) => log.warn({ reason: error.message }, 'A circuit was not noted'))
    }
  }

  const deliverClaimed = async (claimed: Claimed): Promise<void> => {
    const started = performance.now()
    await pool.refresh()
    const candidates = pool.candidates(claimed.channel, claimed.to)
    const circuits = new Map(candidates.map((each) => [each, each.breaker.openUntil]))
    const outcome = await deliver(candidates, ({ choose }) => compose(claimed, choose, deps), now)
    await deliveries.finish(claimed.id, outcome)
    await noteCircuits(circuits)
    const { state, connectorId, failure, vendorCode } = outcome
    const { id, channel, usageType } = claimed
    log[state === 'accepted' ? 'info' : 'warn'](
      {
        delivery: id,
        channel,
        usageType,
        connector: connectorId,
        failure,
        vendorCode,
        ms: Math.round(performance.now() - started),
      },
      `Message ${state}`,
    )
  }

  /** What went wrong stays here: whoever asked has long been answered. */
  const track = async (work: Promise<void>, id: string): Promise<void> => {
    const settled = work.catch((error: Error) =>
      log.error({ delivery: id, reason: error.message }, 'A delivery could not be recorded'),
    )
    underWay.add(settled)
    await settled
    underWay.delete(settled)
  }

  const claimAndDeliver = async (id: string): Promise<void> => {
    const claimed = await deliveries.claim(id)
    if (claimed) await deliverClaimed(claimed)
  }

  return {
    serves(channel, to) {
      void pool.refresh()
      return pool.candidates(channel, to).length > 0
    },

    queue: (tx, delivery) => deliveryRepository(tx, keys).insert(delivery),

    async send(id) {
      if (underWay.size < mostAtOnce) await track(claimAndDeliver(id), id)
    },

    state: (id) => deliveries.state(id),

    async sweep() {
      const unknown = await deliveries.giveUpOnSilent()
      const dropped = await deliveries.dropLate()
      if (unknown + dropped > 0) log.warn({ unknown, dropped }, 'Messages were given up')
      let waiting: Claimed[]
      do {
        waiting = await deliveries.claimWaiting()
        await Promise.all(waiting.map((claimed) => track(deliverClaimed(claimed), claimed.id)))
      } while (waiting.length > 0)
      await deliveries.deleteOld()
    },

    reload: () => pool.load(),
    tryOut: (trial) => tryOut({ ...deps, deliveries, hostOf, keys }, trial),
    verify: (typed) => verify(typed, hostOf(typed.id ?? typed.connector.id)),
    receipt: receipts({ deliveries, stored, connectors, baseUrl: deps.baseUrl }),

    async close() {
      await Promise.all(underWay)
      await pool.close()
    },
  }
}
