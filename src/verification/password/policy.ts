/** Why a password is not taken. */
export type PasswordFault = 'password_too_short' | 'password_too_common'

export interface PasswordRules {
  /** In code points: 15, or 8 where a second factor follows (NIST SP 800-63B-4 §3.1.1.2). */
  minLength: number
  /** What others would try for this person: identifier, name, brand, host. */
  context: readonly (string | null)[]
  /** Lower-case. */
  common: ReadonlySet<string>
}

/** Longer ones are refused before they are hashed. */
export const longest = { codePoints: 256, bytes: 1024 }
// No text that is within `longest` once composed is longer than this before.
const mostCodeUnits = 4096

/**
 * The form in which a password is measured, compared and hashed: NFC, with nothing taken away.
 * Null when it is longer than any that is accepted, or is not Unicode (a lone surrogate would
 * become U+FFFD, and many passwords would be one).
 */
export function normalPassword(password: string): string | null {
  if (password.length > mostCodeUnits || !password.isWellFormed()) return null
  const normal = password.normalize('NFC')
  if (Buffer.byteLength(normal) > longest.bytes) return null
  return [...normal].length > longest.codePoints ? null : normal
}

/**
 * What is wrong with a new password, given in its normal form; null: nothing. There are no rules of
 * composition.
 */
export function passwordFault(normal: string, rules: PasswordRules): PasswordFault | null {
  if ([...normal].length < rules.minLength) return 'password_too_short'
  return isGuessable(normal, rules) ? 'password_too_common' : null
}

/**
 * The password as a whole, what is left without the digits and punctuation around it, or what it
 * repeats: is one of them common, about this person, or a walk along the keyboard?
 */
function isGuessable(password: string, { common, context }: PasswordRules): boolean {
  const whole = password.toLowerCase()
  const repeated = /^(.+?)\1+$/su.exec(whole)?.[1]
  if (repeated && [...repeated].length <= 4) return true
  const forms = [whole, trim(whole), repeated, repeated && trim(repeated), digitsOf(whole)]
  const words = contextWords(context)
  return forms.some((form) => form && (common.has(form) || words.has(form) || isWalk(form)))
}

const trim = (text: string) =>
  text.replace(/^[\p{N}\p{P}\p{S}\p{Z}]+|[\p{N}\p{P}\p{S}\p{Z}]+$/gu, '')

/** A telephone number however it is written; nothing when there is more than a number. */
const digitsOf = (text: string) =>
  /^[\d\s().+/-]+$/.test(text) ? text.replace(/\D/g, '').replace(/^0+/, '') : ''

/** Each text as a whole, its parts, its parts run together, and a number without its prefixes. */
function contextWords(context: readonly (string | null)[]): Set<string> {
  const words = new Set<string>()
  for (const text of context) {
    const lower = (text ?? '').normalize('NFC').toLowerCase()
    const halves = [lower, ...lower.split('@')]
    for (const half of halves) {
      words
        .add(half)
        .add(trim(half))
        .add(half.replace(/[^\p{L}\p{M}\p{N}]/gu, ''))
      for (const part of half.split(/[^\p{L}\p{M}\p{N}]+/u)) words.add(part).add(trim(part))
    }
    const number = digitsOf(lower)
    for (let from = 0; from <= number.length - 7; from++) words.add(number.slice(from))
  }
  for (const word of words) if ([...word].length < 2) words.delete(word)
  return words
}

const rows = [
  '1234567890',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiopasdfghjklzxcvbnm',
  'qwertzuiopasdfghjklyxcvbnm',
  'azertyuiopqsdfghjklmwxcvbn',
].flatMap((row) => [row, [...row].reverse().join('')])
const walks = rows.map((row) => row.repeat(Math.ceil((2 * longest.codePoints) / row.length)))

const isWalk = (text: string) => text.length >= 4 && walks.some((walk) => walk.includes(text))
