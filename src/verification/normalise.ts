import { Problem } from '#src/lib/problem.ts'

// Longer than any code with all its separators; more is not worth looking at.
const longest = 256
const ignored = /[\s\p{Zs}\p{Pd}\p{Cf}\u2212]/gu
const digit = /^\p{Nd}$/u

const isDigit = (point: number) => digit.test(String.fromCodePoint(point))

/** Unicode encodes decimal digits in runs of ten, zero first (The Unicode Standard, section 4.6). */
const digitValue = (character: string): string => {
  const point = character.codePointAt(0)!
  let zero = point
  while (isDigit(zero - 1)) zero -= 1
  return String((point - zero) % 10)
}

/**
 * What was typed as a code, without spaces, hyphens and invisible characters, with the decimal
 * digits of any script as `0` to `9`. Anything else stays as it is.
 *
 * @throws Problem `code_required` when nothing is left, `code_malformed` when there is far too much
 */
export function cleanCode(text: string): string {
  if (text.length > longest) throw new Problem('code_malformed', { field: 'code' })
  const clean = text.replace(ignored, '').replace(/\p{Nd}/gu, digitValue)
  if (clean === '') throw new Problem('code_required', { field: 'code' })
  return clean
}

/**
 * Exactly `length` ASCII digits from what was typed or pasted, in whichever script.
 *
 * @throws Problem `code_required` or `code_malformed` with the `length` that is expected
 */
export function normaliseCode(text: string, length: number): string {
  const clean = cleanCode(text)
  if (clean.length === length && /^[0-9]+$/.test(clean)) return clean
  throw new Problem('code_malformed', { field: 'code', values: { length } })
}
