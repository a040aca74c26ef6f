/**
 * A password: checked when it is chosen, kept as a peppered argon2id hash, and compared at the same
 * cost whether or not there is anything to compare with.
 *
 * Hashing is slow on purpose, so it happens outside of transactions: `prepare`, then `store`.
 */
import type { Db } from '#src/db/contract.ts'
import type { Keyring } from '#src/lib/crypto.ts'
import { Problem } from '#src/lib/problem.ts'
import type { Identifier } from '#src/users/contract.ts'
import type { Method } from '../contract.ts'
import { type Argon2, type Argon2Cost, nativeArgon2 } from './argon2.ts'
import { foreignText, isForeign } from './foreign/index.ts'
import { currentCost, passwordHasher } from './hash.ts'
import { longest, normalPassword, type PasswordRules, passwordFault } from './policy.ts'
import { boundedQueue } from './queue.ts'
import {
  deleteHash,
  exchangeHash,
  findHash,
  findHashes,
  saveHash,
  saveHashes,
} from './repository.ts'

export { readCommonPasswords } from './common-passwords.ts'

export interface PasswordDeps {
  db: Db
  /** Keys for nothing else. */
  pepper: Keyring
  common: ReadonlySet<string>
  findUserId(identifier: Identifier): Promise<string | null>
  now(): Date
  argon2?: Argon2
  cost?: Argon2Cost
}

/** A hashed password that is not yet anyone's. Safe to keep sealed with an interaction. */
export type PreparedHash = string

export interface PasswordMethod extends Method {
  /** @throws Problem that says why this can not be a new password */
  check(password: string, rules: Omit<PasswordRules, 'common'>): void
  /** @throws Problem `busy`, or why no such password can be kept at all */
  prepare(password: string): Promise<PreparedHash>
  store(db: Db, userId: string, prepared: PreparedHash): Promise<void>
  has(db: Db, userId: string): Promise<boolean>
  remove(db: Db, userId: string): Promise<void>
  /**
   * What is kept of a hash that was made elsewhere (bcrypt, argon2, scrypt, PBKDF2), or why it is
   * not taken over. At its first right use it becomes one of ours.
   */
  adopt(text: string): { hash: PreparedHash } | { fault: string }
  /** Of people who have none yet. */
  storeAll(db: Db, all: readonly { userId: string; hash: PreparedHash }[]): Promise<void>
  /** Hashes by user id, in a form that {@link adopt} takes. */
  reveal(db: Db, userIds: readonly string[]): Promise<ReadonlyMap<string, string>>
}

/** One process hashes two at once: more would only make all of them slower, and other work too. */
const limits = { inFlight: 2, waiting: 32, waitMs: 1000 }

/** Sign-in with a password. One answer for every failure: `incorrect_password`. */
export function passwordMethod(deps: PasswordDeps): PasswordMethod {
  const { db, pepper, common, findUserId, now } = deps
  const { argon2 = nativeArgon2, cost = currentCost } = deps
  const hasher = passwordHasher({ argon2, pepper, queue: boundedQueue(limits), cost })
  const amr = ['pwd']

  const renew = async (userId: string, from: string, password: string) => {
    try {
      await exchangeHash(db, userId, { from, to: await hasher.hash(password) })
    } catch (error) {
      // Whoever is in is in; the next sign-in will do as well.
      if (!(error instanceof Problem)) throw error
    }
  }

  return {
    id: 'password',
    kind: 'knowledge',
    channel: null,
    amr,
    accepts: ['email', 'phone', 'username'],

    async verify(who, answer) {
      if (answer === '') throw new Problem('password_required', { field: 'password' })
      const password = normalPassword(answer)
      // Too long for anyone's: this tells nothing, and is not worth hashing.
      if (password === null) throw incorrect()
      const userId = who.userId ?? (who.identifier ? await findUserId(who.identifier) : null)
      const found = await findHash(db, userId ?? '')
      const hash = who.decoy ? null : found
      const { correct, outdated } = await hasher.verify(password, hash)
      if (!correct || userId === null || hash === null) throw incorrect()
      if (outdated) await renew(userId, hash, password)
      const proof = { method: 'password', kind: 'knowledge', channel: null, amr } as const
      return { ...proof, identifier: null, userId, at: now() }
    },

    check(password, rules) {
      const fault = passwordFault(acceptable(password), { ...rules, common })
      if (fault === 'password_too_common') throw new Problem(fault, { field })
      if (fault) throw new Problem(fault, { field, values: { length: rules.minLength } })
    },
    prepare: async (password) => hasher.hash(acceptable(password)),
    store: saveHash,
    has: async (db, userId) => (await findHash(db, userId)) !== null,
    remove: deleteHash,

    adopt: hasher.adopt,
    storeAll: saveHashes,
    async reveal(db, userIds) {
      const stored = await findHashes(db, userIds)
      const shown = stored.map(({ userId, hash }): [string, string | null] => [
        userId,
        isForeign(hash) ? foreignText(pepper, hash) : hash,
      ])
      return new Map(shown.filter((each): each is [string, string] => each[1] !== null))
    },
  }
}

const field = 'new_password'
const incorrect = () => new Problem('incorrect_password', { field: 'password' })

/** The normal form of what may become a password. */
const acceptable = (password: string): string => {
  if (password === '') throw new Problem('password_required', { field })
  if (!password.isWellFormed()) throw new Problem('invalid_input', { field })
  const normal = normalPassword(password)
  if (normal !== null) return normal
  throw new Problem('password_too_long', { field, values: { length: longest.codePoints } })
}
