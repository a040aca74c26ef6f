import type { Db } from '#src/db/contract.ts'
import type { Keyring } from '#src/lib/crypto.ts'
import { Problem } from '#src/lib/problem.ts'
import type { Identifier } from '#src/users/contract.ts'
import type { Verification } from '../contract.ts'
import { normaliseCode } from '../normalise.ts'
import { handoverRepository } from './handover-repository.ts'
import { refusal } from './refusal.ts'
import { type Challenge, challengeRepository } from './repository.ts'

export interface HandoverDeps {
  db: Db
  keys: Keyring
  /** What a typed code is compared with. @throws Problem if it is none */
  hashes: (challenge: Challenge, answer: string) => readonly Buffer[]
  linkProof: (challenge: Challenge, at?: Date) => Verification
  now: () => Date
}

const digits = 2

/** 10 to 99: nobody wonders about a zero in front. */
const toNumber = (mac: Buffer): string => String(10 + Number(mac.readBigUInt64BE() % 90n))

/**
 * A link in a browser that did not ask for it. Either the browser that did goes on, once somebody has
 * typed the number that it shows into the other; or the other one does, once somebody has typed the code
 * of the message there. Opening the link does neither.
 */
export const handovers = ({ db, keys, hashes, linkProof, now }: HandoverDeps) => {
  const repository = handoverRepository(db)
  const numbers = (uid: string, { value }: Identifier) =>
    keys.macs('number', uid, value).map(toNumber)

  return {
    /** What the browser that waits shows: the same for every message of one sign-in to one address. */
    numberOf: (uid: string, identifier: Identifier): string => numbers(uid, identifier)[0]!,

    /**
     * Approves with the number that the first browser shows.
     *
     * @throws Problem `number_required`, or `incorrect_number` with the tries that are left
     */
    async approve({ id, interactionUid, identifier }: Challenge, typed: string): Promise<boolean> {
      const number = readNumber(typed)
      const right = numbers(interactionUid, identifier).includes(number)
      const outcome = await repository.guess(id, right)
      if (outcome && !outcome.approved && outcome.triesLeft > 0) {
        const values = { tries: outcome.triesLeft }
        throw new Problem('incorrect_number', { field: 'number', values })
      }
      return outcome?.approved === true
    },

    /** Nobody approves it any more; its code still works. False where that was settled before. */
    deny: ({ id }: Challenge): Promise<boolean> => repository.deny(id),

    /** The link of a sign-in that something was done with last. */
    latest: repository.latest,

    /** Spends what was approved, for the browser that waits for it; null for everyone but the first. */
    async takeApproved({ id }: Challenge): Promise<Verification | null> {
      const challenge = await repository.spendApproved(id)
      return challenge && linkProof(challenge)
    },

    /**
     * Spends a message for another browser than that which asked, with the code in it: whoever only opens
     * or presses everything has not read it.
     *
     * @throws Problem `incorrect_code`, `code_expired`, `code_spent` or `too_many_tries`
     */
    async carry(challenge: Challenge, answer: string, browser: Buffer): Promise<void> {
      const outcome = await repository.carry(challenge.id, hashes(challenge, answer), browser)
      if (outcome?.right) return
      if (outcome) throw refusal({ ...challenge, triesLeft: outcome.triesLeft })
      throw refusal(await challengeRepository(db).find(challenge.id))
    },

    isCarried: repository.isCarried,

    /** Takes up what this browser has proven for a client a moment ago; null for everyone but the first. */
    async takeCarried(browser: Buffer, clientId: string): Promise<Verification | null> {
      const taken = await repository.takeCarried(browser, clientId)
      return taken && linkProof(taken.challenge, new Date(now().getTime() - taken.carriedMs))
    },
  }
}

const readNumber = (typed: string): string => {
  try {
    return normaliseCode(typed, digits)
  } catch (cause) {
    throw new Problem('number_required', { field: 'number', cause })
  }
}
