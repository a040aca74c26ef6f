import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { keyring } from '#src/lib/crypto.ts'
import { ConfigurationError } from './configuration-error.ts'
import type { Env } from './env.ts'

const leastCharacters = 32
const leastDifferent = 8
const placeholder = /change[-_ ]?me|replace[-_ ]?me|place-?holder|example|insecure|your[-_ ]/i

/** Why a secret must not be used, or null. Its words never contain the secret. */
export const secretFault = (secret: string): string | null => {
  if (secret.length < leastCharacters) {
    return `has ${secret.length} characters, and needs at least ${leastCharacters} random ones; \`openssl rand -base64 32\` makes some`
  }
  if (placeholder.test(secret) || new Set(secret).size < leastDifferent) {
    return 'can be guessed; `openssl rand -base64 32` makes a random one'
  }
  return null
}

/**
 * The root secrets of this deployment, newest first. While evaluating without `SECRET_KEYS`, one is
 * made at the first start and kept in `DATA_DIR/secret`, readable by this user alone. Of several
 * processes that start at once, all get the same.
 *
 * @throws ConfigurationError when the kept file cannot be read or written, or is damaged
 */
export function rootSecrets(env: Pick<Env, 'SECRET_KEYS' | 'DATA_DIR'>): readonly string[] {
  if (env.SECRET_KEYS.length > 0) return env.SECRET_KEYS
  const file = join(env.DATA_DIR, 'secret')
  try {
    const secret = read(file) ?? create(env.DATA_DIR, file)
    if (secretFault(secret) === null) return [secret]
  } catch (error) {
    throw unusable(file, (error as Error).message)
  }
  throw unusable(file, 'is damaged; put the kept copy back, or remove it to lose what it protects')
}

/**
 * The secret by which commands call a server that evaluates. It is made from the root secret: whoever
 * can read that needs no other.
 */
export const commandLineSecret = (secrets: readonly string[]): string =>
  keyring(secrets, 'command line').mac('client_secret').toString('base64url')

const unusable = (file: string, why: string) =>
  new ConfigurationError('There is no root secret.', [`${file}: ${why}`])

const read = (file: string): string | null => {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** A link to a finished file appears whole or not at all, and never replaces another's. */
const create = (folder: string, file: string): string => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const draft = join(folder, `.secret-${process.pid}-${randomBytes(6).toString('hex')}`)
  try {
    const handle = openSync(draft, 'wx', 0o600)
    try {
      writeFileSync(handle, `${randomBytes(32).toString('base64url')}\n`)
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    try {
      linkSync(draft, file)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  } finally {
    rmSync(draft, { force: true })
  }
  return read(file) ?? ''
}
