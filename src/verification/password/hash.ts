import { randomBytes } from 'node:crypto'
import { type Keyring, sameBytes } from '#src/lib/crypto.ts'
import type { Argon2, Argon2Cost } from './argon2.ts'
import { adoptForeign, isForeign, isForeignPassword, openForeign } from './foreign/index.ts'
import { formatPhc, parsePhc } from './phc.ts'
import type { Queue } from './queue.ts'

/** OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane. */
export const currentCost: Argon2Cost = { memoryKib: 19_456, passes: 2, lanes: 1 }

export interface Verdict {
  correct: boolean
  /** Correct, yet made elsewhere, with an older pepper or at another cost. */
  outdated: boolean
}

export interface PasswordHasher {
  hash(password: string): Promise<string>
  /** Takes as long without a hash to compare with, and then says no. */
  verify(password: string, hash: string | null): Promise<Verdict>
  /** What is kept of a hash that was made elsewhere, or why it is not taken over. */
  adopt(text: string): { hash: string } | { fault: string }
}

export interface PasswordHasherDeps {
  argon2: Argon2
  /** Lies outside the database, so a copy of that alone cannot be guessed against. */
  pepper: Keyring
  queue: Queue
  cost: Argon2Cost
}

/** Argon2id over an HMAC of the password: the pepper goes in first, and any length is 32 bytes. */
export function passwordHasher({
  argon2,
  pepper,
  queue,
  cost,
}: PasswordHasherDeps): PasswordHasher {
  const keyIds = pepper.macs('key id').map((mac) => mac.subarray(0, 6).toString('base64'))
  const nobodysSalt = randomBytes(16)

  const tag = (peppered: Buffer, salt: Buffer, at: Argon2Cost) =>
    queue(() => argon2(peppered, salt, at))

  return {
    async hash(password) {
      const salt = randomBytes(16)
      const made = await tag(pepper.mac('password', password), salt, cost)
      return formatPhc({ cost, keyId: keyIds[0]!, salt, tag: made })
    },

    async verify(password, hash) {
      const foreign = hash !== null && isForeign(hash) ? openForeign(pepper, hash) : null
      if (foreign) {
        const correct = await queue(() => isForeignPassword(foreign, password))
        return { correct, outdated: correct }
      }
      const stored = hash === null ? null : parsePhc(hash)
      const key = stored ? keyIds.indexOf(stored.keyId) : -1
      const peppered = pepper.macs('password', password)
      if (!stored || key < 0) {
        await tag(peppered[0]!, nobodysSalt, cost)
        return { correct: false, outdated: false }
      }
      const correct = sameBytes(await tag(peppered[key]!, stored.salt, stored.cost), stored.tag)
      return { correct, outdated: correct && (key > 0 || !sameCost(stored.cost, cost)) }
    },

    adopt(text) {
      const own = parsePhc(text)
      if (!own) return adoptForeign(pepper, text)
      // One of ours comes back, such as from a copy of this deployment.
      const known = keyIds.includes(own.keyId) && sameCost(own.cost, cost)
      return known ? { hash: text } : { fault: 'was made with SECRET_KEYS that are not these' }
    },
  }
}

const sameCost = (a: Argon2Cost, b: Argon2Cost) =>
  a.memoryKib === b.memoryKib && a.passes === b.passes && a.lanes === b.lanes
