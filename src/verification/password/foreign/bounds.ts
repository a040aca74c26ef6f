import type { Digest, Foreign } from './contract.ts'

// Whoever brings the file says what one sign-in costs here: half a second, and 128 MB, is enough.
const most = {
  bcryptCost: 13,
  memoryKib: 131_072,
  /** KiB times passes; RFC 9106 recommends 3 × 64 MiB at least. */
  argon2Work: 1_048_576,
  argon2Lanes: 16,
  /** N · r · p; OWASP recommends 2^17 · 8 · 1. */
  scryptWork: 2 ** 20,
  /** Iterations times blocks of output. */
  pbkdf2Work: 2_000_000,
  salt: 256,
  tag: 128,
  signerKey: 128,
}
/** A tag that is shorter is found by trying. */
const shortestTag = 16
const shortestArgon2Salt = 8
const digestBytes: Record<Digest, number> = { sha1: 20, sha256: 32, sha512: 64 }

/** Why a hash is not taken over, in words for whoever imports it; null: it is. */
export const foreignFault = (foreign: Foreign): string | null => {
  if (foreign.kind === 'bcrypt') {
    return within(foreign.cost, 4, most.bcryptCost)
      ? null
      : `bcrypt with a cost of ${foreign.cost} takes too long (at most ${most.bcryptCost})`
  }
  const { salt, tag } = foreign
  if (salt.length > most.salt || !within(tag.length, shortestTag, most.tag)) return malformed
  return costs[foreign.kind](foreign as never)
}

export const malformed = 'is damaged: its salt or its hash has a length that is not possible'

const within = (value: number, least: number, highest: number) =>
  Number.isInteger(value) && value >= least && value <= highest

type Of<K extends Foreign['kind']> = Extract<Foreign, { kind: K }>

const costs: { [K in Exclude<Foreign['kind'], 'bcrypt'>]: (of: Of<K>) => string | null } = {
  argon2({ memoryKib, passes, lanes, salt }) {
    if (salt.length < shortestArgon2Salt) return malformed
    const possible = within(lanes, 1, most.argon2Lanes) && memoryKib >= 8 * lanes && passes >= 1
    const good = possible && memoryKib <= most.memoryKib && memoryKib * passes <= most.argon2Work
    return good ? null : `argon2 with m=${memoryKib}, t=${passes}, p=${lanes} costs too much`
  },
  scrypt: ({ cost }) => scryptFault(cost),
  'firebase-scrypt'({ cost, signerKey, separator, tag }) {
    const whole = signerKey.length === tag.length && signerKey.length <= most.signerKey
    return whole && separator.length <= most.salt ? scryptFault(cost) : malformed
  },
  pbkdf2({ digest, iterations, tag }) {
    const blocks = Math.ceil(tag.length / digestBytes[digest])
    return within(iterations, 1, most.pbkdf2Work) && iterations * blocks <= most.pbkdf2Work
      ? null
      : `PBKDF2 with ${iterations} iterations takes too long`
  },
}

const scryptFault = ({ logN, blockSize, lanes }: Of<'scrypt'>['cost']): string | null => {
  const possible = within(logN, 1, 20) && within(blockSize, 1, 64) && within(lanes, 1, 64)
  const memory = 128 * 2 ** logN * blockSize
  const good =
    possible && 2 ** logN * blockSize * lanes <= most.scryptWork && memory <= most.memoryKib * 1024
  return good ? null : `scrypt with N=2^${logN}, r=${blockSize}, p=${lanes} costs too much`
}
