import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  hash,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'

/** `count` random bytes as base64url; 32 bytes are 43 characters. */
export const randomToken = (bytes = 32): string => randomBytes(bytes).toString('base64url')

/** An id of 128 random bits, in 22 characters; none begins as the options of a command do. */
export const randomId = (): string => {
  const id = randomToken(16)
  return id.startsWith('-') ? randomId() : id
}

export const sha256 = (value: string): Buffer => hash('sha256', value, 'buffer')

/** Compares without telling how far they agree. */
export const sameBytes = (a: Buffer, b: Buffer): boolean =>
  a.length === b.length && timingSafeEqual(a, b)

/**
 * Keys for one purpose, one per root secret, newest first. As objects, not bytes: those are made
 * ready for use anew each time, which takes longer than the use.
 */
const derive = (secrets: readonly string[], purpose: string): KeyObject[] =>
  secrets.map((secret) =>
    createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `avouch/${purpose}`, 32))),
  )

/** Code of the error for what was sealed under none of the keys. */
export const unknownKey = 'UNKNOWN_KEY'

export interface Keyring {
  /**
   * HMAC-SHA-256 with the newest key, for what is looked up or compared: a copy of the database
   * alone can not be searched for short values. Parts are joined unambiguously.
   */
  mac(...parts: string[]): Buffer
  /** The same under every key, newest first: for values that may be older than the newest key. */
  macs(...parts: string[]): Buffer[]
  /** AES-256-GCM; `context` (table and row) must be given again to open. */
  seal(plain: string, context: string): Buffer
  /** @throws when the text was sealed under none of the keys, or for another context */
  open(sealed: Buffer, context: string): string
  /**
   * The same, sealed with the newest key; null where it is already, and where none of the keys
   * opens it.
   */
  renew(sealed: Buffer, context: string): Buffer | null
}

const macWith = (key: KeyObject, parts: readonly string[]): Buffer => {
  const hmac = createHmac('sha256', key)
  for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:`).update(part)
  return hmac.digest()
}

/**
 * Keys for one purpose (`challenges`, `cookies`, …), derived from `SECRET_KEYS` with HKDF
 * (RFC 5869). Different purposes never share a key.
 */
export const keyring = (secrets: readonly string[], purpose: string): Keyring => {
  const macKeys = derive(secrets, `${purpose}/mac`)
  const sealKeys = derive(secrets, `${purpose}/seal`)
  const ids = sealKeys.map((key) =>
    createHash('sha256').update(key.export()).digest().subarray(0, 4),
  )

  const all: Keyring = {
    mac: (...parts) => macWith(macKeys[0]!, parts),
    macs: (...parts) => macKeys.map((key) => macWith(key, parts)),

    // Layout: key id (4) · nonce (12) · tag (16) · ciphertext.
    seal(plain, context) {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', sealKeys[0]!, nonce).setAAD(Buffer.from(context))
      const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
      return Buffer.concat([ids[0]!, nonce, cipher.getAuthTag(), text])
    },

    open(sealed, context) {
      const id = sealed.subarray(0, 4)
      const key = sealKeys[ids.findIndex((each) => each.equals(id))]
      if (!key) {
        const words = `Sealed under a key that is not in SECRET_KEYS (${context})`
        throw Object.assign(new Error(words), { code: unknownKey })
      }
      const cipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(4, 16))
        .setAAD(Buffer.from(context))
        .setAuthTag(sealed.subarray(16, 32))
      return Buffer.concat([cipher.update(sealed.subarray(32)), cipher.final()]).toString('utf8')
    },

    renew(sealed, context) {
      if (sealed.subarray(0, 4).equals(ids[0]!)) return null
      const plain = openOrNull(all, sealed, context)
      return plain === null ? null : all.seal(plain, context)
    },
  }
  return all
}

/** For what may have been sealed under a key that is gone. */
export const openOrNull = (
  keys: Pick<Keyring, 'open'>,
  sealed: Buffer,
  context: string,
): string | null => {
  try {
    return keys.open(sealed, context)
  } catch {
    return null
  }
}
