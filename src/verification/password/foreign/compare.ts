import { createCipheriv, pbkdf2, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { sameBytes } from '#src/lib/crypto.ts'
import { foreignArgon2 } from '../argon2.ts'
import type { Foreign, ScryptCost } from './contract.ts'

const derive = promisify(pbkdf2)
const stretch = (
  password: string,
  salt: Buffer,
  length: number,
  { logN, blockSize, lanes }: ScryptCost,
): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const cost = { N: 2 ** logN, r: blockSize, p: lanes, maxmem: 256 * 1024 * 1024 }
    scrypt(password, salt, length, cost, (error, key) => (error ? reject(error) : resolve(key)))
  })

/** Whether this is the password, on a thread of the pool; the cost is that of the hash. */
export const isForeignPassword = async (foreign: Foreign, password: string): Promise<boolean> => {
  if (foreign.kind === 'bcrypt') {
    // Loaded where somebody has such a password, which few servers see.
    const { verify } = await import('@node-rs/bcrypt')
    return verify(password, foreign.text)
  }
  return sameBytes(await tagOf(foreign, password), foreign.tag)
}

const tagOf = (
  foreign: Exclude<Foreign, { kind: 'bcrypt' }>,
  password: string,
): Promise<Buffer> => {
  const { salt, tag } = foreign
  switch (foreign.kind) {
    case 'argon2':
      return foreignArgon2(Buffer.from(password), foreign, tag.length)
    case 'scrypt':
      return stretch(password, salt, tag.length, foreign.cost)
    case 'firebase-scrypt':
      return encryptedSignerKey(foreign, password)
    case 'pbkdf2':
      return derive(password, salt, foreign.iterations, tag.length, foreign.digest)
  }
}

/**
 * Firebase keeps its signer key, encrypted with what scrypt makes of the password.
 *
 * @see https://github.com/firebase/scrypt
 */
const encryptedSignerKey = async (
  { cost, signerKey, separator, salt }: Extract<Foreign, { kind: 'firebase-scrypt' }>,
  password: string,
): Promise<Buffer> => {
  const key = await stretch(password, Buffer.concat([salt, separator]), 32, cost)
  const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16))
  return Buffer.concat([cipher.update(signerKey), cipher.final()])
}
