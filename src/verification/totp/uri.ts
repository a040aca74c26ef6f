import { digits, stepSeconds } from './code.ts'

// So that even four bytes a character, percent-encoded, fit into a QR code (2,331 bytes).
const longest = { issuer: 40, account: 100 }

/** A colon separates the two in the label, so neither may hold one. */
const part = (text: string, length: number): string =>
  [...text.toWellFormed().replace(/[\p{Cc}:]+/gu, ' ')].slice(0, length).join('').trim()

/**
 * The `otpauth:` address that an authenticator app reads from a QR code or a link.
 *
 * @see https://github.com/google/google-authenticator/wiki/Key-Uri-Format
 */
export function otpauthUri(names: { issuer: string; account: string }, secret: string): string {
  const issuer = encodeURIComponent(part(names.issuer, longest.issuer))
  const account = encodeURIComponent(part(names.account, longest.account))
  const settings = `algorithm=SHA1&digits=${digits}&period=${stepSeconds}`
  return `otpauth://totp/${issuer}:${account}?secret=${secret}&issuer=${issuer}&${settings}`
}
