/**
 * Password hashes that other products have made. Each is compared as it was made there, once: then
 * the password is hashed as all others are here. They are without pepper, so they are kept sealed.
 */
import { type Keyring, openOrNull } from '#src/lib/crypto.ts'
import { foreignFault } from './bounds.ts'
import type { Foreign } from './contract.ts'
import { readForeign, writeForeign } from './text.ts'

export { isForeignPassword } from './compare.ts'
export type { Foreign } from './contract.ts'

/** Marks a stored hash that was made elsewhere, without pepper. */
const marker = 'unpeppered$'
const context = 'passwords/unpeppered'

export const isForeign = (stored: string): boolean => stored.startsWith(marker)

/** What is stored for a hash of somewhere else, or why it is not taken over. */
export const adoptForeign = (keys: Keyring, text: string): { hash: string } | { fault: string } => {
  const foreign = readForeign(text)
  if (!foreign) return { fault: 'is a hash of a kind that is not known here' }
  const fault = foreignFault(foreign)
  if (fault) return { fault }
  return { hash: `${marker}${keys.seal(writeForeign(foreign), context).toString('base64')}` }
}

/** The text of {@link adoptForeign}; null where it was sealed under none of these keys. */
export const foreignText = (keys: Keyring, stored: string): string | null =>
  openOrNull(keys, Buffer.from(stored.slice(marker.length), 'base64'), context)

export const openForeign = (keys: Keyring, stored: string): Foreign | null => {
  const text = foreignText(keys, stored)
  return text === null ? null : readForeign(text)
}
