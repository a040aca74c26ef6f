/**
 * How often: messages to one identifier, requests from one address, failures of one factor. Keys
 * are keyed hashes, and unknown identifiers are counted like known ones.
 */
import { isIP } from 'node:net'
import type { Db } from '#src/db/contract.ts'
import type { Keyring } from '#src/lib/crypto.ts'
import { Problem, type ProblemCode } from '#src/lib/problem.ts'
import type { Settings } from '#src/settings/contract.ts'
import { addressBlock } from './address.ts'
import { type AddressLimit, limitRepository } from './repository.ts'

export interface LimitDeps {
  db: Db
  keys: Keyring
  settings: () => Settings
  /** Addresses that have no budget: loopback while evaluating. */
  exempt: (address: string) => boolean
}

const refusals = {
  cooling: 'wait_before_resend',
  budget: 'too_many_sends',
  address: 'too_many_requests',
} as const

const refusal = (code: ProblemCode, seconds: number): Problem =>
  new Problem(code, {
    retryAfterSeconds: seconds,
    values: { seconds, minutes: Math.ceil(seconds / 60) },
  })

export type Limits = ReturnType<typeof limits>

export const limits = ({ db, keys, settings, exempt }: LimitDeps) => {
  const repository = limitRepository(db)
  const attemptKey = (subject: string, factor: string, browser: string | null) =>
    keys.mac('attempt', subject, factor, browser ?? '')

  const visitor = (purpose: string, address: string): AddressLimit | null => {
    if (exempt(address)) return null
    const { sendsPerAddress, addressWindowSeconds } = settings().limits
    return {
      key: keys.mac('address', purpose, isIP(address) ? addressBlock(address) : address),
      most: sendsPerAddress,
      windowSeconds: addressWindowSeconds,
    }
  }

  return {
    /**
     * Takes one message from the budget of a recipient, for somebody at an address.
     *
     * @returns seconds until the next may be asked for
     * @throws Problem `wait_before_resend` or `too_many_sends`, or `too_many_requests` when the
     * network of this address has asked too often; with the seconds to wait
     */
    async send(recipient: string, address: string): Promise<number> {
      const { resendSeconds, sendsPerHour, sendsPerDay } = settings().limits
      const outcome = await repository.takeSend(
        keys.mac('send', recipient),
        { resendSeconds, perHour: sendsPerHour, perDay: sendsPerDay },
        visitor('send', address),
      )
      if (outcome.sent) return outcome.nextSeconds
      throw refusal(refusals[outcome.why], outcome.waitSeconds)
    },

    /** @throws Problem `too_many_requests` when the network of this address has asked too often */
    async address(purpose: string, address: string): Promise<void> {
      const asking = visitor(purpose, address)
      const wait = asking && (await repository.takeAddress(asking))
      if (wait !== null) throw refusal('too_many_requests', wait)
    },

    /**
     * Counts one use of something by somebody, within the transaction given: what comes to nothing
     * does not count.
     *
     * @throws Problem `too_many_requests` once there were `most` within the window
     */
    async use(
      purpose: string,
      who: string,
      most: number,
      windowSeconds: number,
      tx: Db = db,
    ): Promise<void> {
      const key = keys.mac('use', purpose, who)
      const wait = await limitRepository(tx).takeAddress({ key, most, windowSeconds })
      if (wait !== null) throw refusal('too_many_requests', wait)
    },

    /** Seconds until *Send again* is answered. */
    sendWait: (recipient: string): Promise<number> =>
      repository.sendWait(keys.mac('send', recipient)),

    /**
     * Counts a try of a factor, before it is compared. `browser` is given where this browser has
     * signed in as this person before: it has a count of its own, so that strangers who guess lock
     * nobody out. Call the result once the try has turned out right.
     *
     * @throws Problem `locked`
     */
    async attempt(
      subject: string,
      factor: string,
      browser: string | null,
    ): Promise<() => Promise<void>> {
      const { failures, lockSeconds } = settings().limits
      const key = attemptKey(subject, factor, browser)
      const wait = await repository.takeAttempt(key, failures, lockSeconds)
      if (wait !== null) throw refusal('locked', wait)
      return () => repository.clearAttempts(key)
    },

    sweep: () => repository.sweep(),
  }
}
