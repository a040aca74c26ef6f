import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import type Keygrip from 'keygrip'
import { sameBytes } from '#src/lib/crypto.ts'

/** With https, no other host may set it for this one. */
export const sessionCookieName = (https: boolean): string =>
  https ? '__Host-avouch_session' : 'avouch_session'

/**
 * Signs and checks cookies with HMAC-SHA-256, newest key first. One object serves koa and
 * oidc-provider, or they would not read each other's cookies. The usual Keygrip compares with two
 * more HMACs under a fresh key, a quarter of the work of a silent sign-in.
 */
export const cookieKeys = (secrets: readonly Buffer[]): Keygrip => {
  const keys = secrets.map((secret) => createSecretKey(secret))
  const signWith = (key: KeyObject, data: string) =>
    createHmac('sha256', key).update(data).digest('base64url')
  const index = (data: string, digest: string) => {
    const given = Buffer.from(digest)
    return keys.findIndex((key) => sameBytes(given, Buffer.from(signWith(key, data))))
  }
  return {
    sign: (data) => signWith(keys[0]!, data as string),
    index,
    verify: (data, digest) => index(data, digest) >= 0,
  }
}
