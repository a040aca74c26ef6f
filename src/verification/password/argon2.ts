import { hashRaw } from '@node-rs/argon2'

/** What one hash costs; RFC 9106 calls them m, t and p. */
export interface Argon2Cost {
  memoryKib: number
  passes: number
  lanes: number
}

/** Argon2id, version 1.3, with a tag of 32 bytes. */
export type Argon2 = (message: Buffer, salt: Buffer, cost: Argon2Cost) => Promise<Buffer>

// The numbers of the package's `const enum`s, which do not exist at run time.
const argon2id = 2
const version13 = 1

/**
 * Argon2id (RFC 9106) in native code on a thread of the pool, off the event loop. Measured against
 * Node's own `crypto.argon2`, it does twice as many hashes a second; see docs/decisions.md.
 */
export const nativeArgon2: Argon2 = (message, salt, { memoryKib, passes, lanes }) =>
  hashRaw(message, {
    algorithm: argon2id,
    version: version13,
    memoryCost: memoryKib,
    timeCost: passes,
    parallelism: lanes,
    outputLen: 32,
    salt,
  })
