import { randomBytes } from 'node:crypto'

/** Crockford's base32: no I, L, O or U, so that what is copied by hand is read one way only. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const codeLength = 16
const shape = new RegExp(`^[${alphabet}]{${codeLength}}$`)

/** A random code of 80 bits, in groups of four: `7ZQ4-0K2M-X9TD-HB3C`. */
export function randomCode(): string {
  // 256 is eight times 32, so every character is equally likely.
  const characters = Array.from(randomBytes(codeLength), (byte) => alphabet[byte % 32])
  return characters.join('').replace(/.{4}(?=.)/g, '$&-')
}

/**
 * The code behind what was typed, ungrouped, with look-alikes read as what was meant; null when it
 * can be none.
 *
 * @param clean without spaces, hyphens and invisible characters
 * @see https://www.crockford.com/base32.html
 */
export function readCode(clean: string): string | null {
  const read = clean.toUpperCase().replaceAll('O', '0').replace(/[IL]/g, '1')
  return shape.test(read) ? read : null
}
