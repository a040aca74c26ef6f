import type { Context } from 'koa'
import { type Keyring, randomToken } from '#src/lib/crypto.ts'

export interface Browser {
  /** Keyed hash of the cookie: what is stored and compared. */
  hash: Buffer
  /** It has been here before. */
  returning: boolean
}

const yearMs = 365 * 24 * 60 * 60 * 1000

const nameOf = (https: boolean) => (https ? '__Host-avouch_browser' : 'avouch_browser')

/**
 * Which browser this is. Its cookie tells the browser that began a sign-in from any other that opens
 * the link of it, and remembers who has signed in here; it opens nothing by itself.
 */
export const readBrowser = (
  { keys, https }: { keys: Keyring; https: boolean },
  ctx: Pick<Context, 'cookies'>,
): Browser => {
  const name = nameOf(https)
  const known = ctx.cookies.get(name, { signed: false })
  const returning = known !== undefined && /^[\w-]{22}$/.test(known)
  const value = returning ? known : randomToken(16)
  if (!returning) {
    ctx.cookies.set(name, value, {
      httpOnly: true,
      sameSite: 'lax',
      secure: https,
      signed: false,
      path: '/',
      maxAge: yearMs,
      overwrite: true,
    })
  }
  return { hash: keys.mac('browser', value), returning }
}
