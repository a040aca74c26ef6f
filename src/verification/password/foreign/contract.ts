/** A password hash that was made elsewhere, taken apart. */
export type Foreign =
  | { kind: 'bcrypt'; text: string; cost: number }
  | {
      kind: 'argon2'
      variant: ArgonVariant
      version: 16 | 19
      memoryKib: number
      passes: number
      lanes: number
      salt: Buffer
      tag: Buffer
    }
  | { kind: 'scrypt'; cost: ScryptCost; salt: Buffer; tag: Buffer }
  | {
      kind: 'firebase-scrypt'
      cost: ScryptCost
      /** What is encrypted with the derived key; the same for all of a project. */
      signerKey: Buffer
      separator: Buffer
      salt: Buffer
      tag: Buffer
    }
  | { kind: 'pbkdf2'; digest: Digest; iterations: number; salt: Buffer; tag: Buffer }

export type ArgonVariant = 'd' | 'i' | 'id'
export type Digest = 'sha1' | 'sha256' | 'sha512'

/** RFC 7914: N is two to the power of `logN`. */
export interface ScryptCost {
  logN: number
  blockSize: number
  lanes: number
}
