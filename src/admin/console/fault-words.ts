import type { Translate } from '#src/lib/page.ts'
import type { Fault } from '#src/lib/problem.ts'

/** Faults that there are words for, `admin-faults.<key>`; the widest pattern comes last. */
export const knownFaults = [
  'missing',
  'at-least',
  'at-most',
  'at-least-characters',
  'at-most-characters',
  'at-least-entries',
  'at-most-entries',
  'whole-number',
  'number',
  'text',
  'chosen',
  'email',
  'colour',
  'language',
  'language-too',
  'country',
  'event',
  'event-like',
  'network',
  'domain',
  'host',
  'digits',
  'identifier',
  'future',
  'year',
  'visible',
  'https',
  'before-until',
  'three-years',
  'no-control',
  'no-invisible',
  'no-twice',
  'twice',
  'not-empty',
  'too-long',
  'taken-client',
  'kept-client',
  'somebody',
  'account',
  'invited',
  'no-client',
  'no-json',
  'unknown',
  'held',
  'no-identifier',
  'no-domains',
  'need-uris',
  'need-keys',
  'hash-config',
  'one-of',
] as const

/** Stands where a value is, in a text that becomes a pattern. */
const hole = '\u0000'
const holes = { limit: hole, what: hole }

/**
 * Says faults in the language of the admin. Operations say them in English, as the API answers them:
 * the English words are the patterns by which they are known. What is not known stays as it is.
 */
export const faultTranslator = (english: Translate) => {
  const patterns = knownFaults.map((key) => {
    const text = english(`admin-faults.${key}`, holes)
    const escaped = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(hole, '(.+)')
    return { key, pattern: new RegExp(`^${escaped}$`) }
  })
  return (t: Translate, fault: Fault): Fault => {
    for (const { key, pattern } of patterns) {
      const found = pattern.exec(fault.message)
      if (!found) continue
      const [, value = ''] = found
      return { ...fault, message: t(`admin-faults.${key}`, { limit: value, what: value }) }
    }
    return fault
  }
}
