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
const variants = { d: 0, i: 1, id: 2 }
const versions = { 16: 0, 19: 1 }

/**
 * Argon2id (RFC 9106) in native code on a thread of the pool, off the event loop. Measured against
 * Node's own `crypto.argon2`, it does twice as many hashes a second; see docs/decisions.md.
 */
export const nativeArgon2: Argon2 = (message, salt, { memoryKib, passes, lanes }) =>
  hashRaw(message, {
    algorithm: variants.id,
    version: versions[19],
    memoryCost: memoryKib,
    timeCost: passes,
    parallelism: lanes,
    outputLen: 32,
    salt,
  })

/** Any variant and version, for hashes that were made elsewhere. */
export const foreignArgon2 = (
  message: Buffer,
  made: Argon2Cost & {
    variant: keyof typeof variants
    version: keyof typeof versions
    salt: Buffer
  },
  outputLen: number,
): Promise<Buffer> =>
  hashRaw(message, {
    algorithm: variants[made.variant],
    version: versions[made.version],
    memoryCost: made.memoryKib,
    timeCost: made.passes,
    parallelism: made.lanes,
    outputLen,
    salt: made.salt,
  })
