const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** Base32 without padding (RFC 4648, section 6), as authenticator apps expect a key. */
export function toBase32(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let buffered = 0
  for (const byte of bytes) {
    buffered = (buffered << 8) | byte
    for (bits += 8; bits >= 5; bits -= 5) text += alphabet[(buffered >> (bits - 5)) & 31]
    buffered &= 31
  }
  return bits > 0 ? text + alphabet[(buffered << (5 - bits)) & 31] : text
}

/** The bytes behind {@link toBase32}. @throws RangeError for any other character */
export function fromBase32(text: string): Buffer {
  const bytes: number[] = []
  let bits = 0
  let buffered = 0
  for (const character of text) {
    const value = alphabet.indexOf(character)
    if (value < 0) throw new RangeError('Not base32')
    buffered = ((buffered << 5) | value) & 0xfff
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes.push((buffered >> bits) & 0xff)
  }
  return Buffer.from(bytes)
}
