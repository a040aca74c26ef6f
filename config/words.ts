import type { z } from 'zod'

const kinds: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a section with names and values',
  record: 'a section with names and values',
}

const counted: Record<string, string> = { string: 'characters', array: 'entries' }

const wrongType = (expected: string, input: unknown): string => {
  if (input === undefined) return 'is missing'
  const quotes = expected === 'string' && typeof input !== 'object' ? '; put it in quotes' : ''
  return `has to be ${kinds[expected] ?? expected}${quotes}`
}

/**
 * Words for what a schema finds, made to stand behind the place that they are about. None of them
 * repeats what was given, which may be a secret.
 */
export const words: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(issue.expected, issue.input)
    case 'invalid_value':
      return `has to be ${issue.values.map(String).join(' or ')}`
    case 'too_small':
      return bound('at least', issue.origin, issue.minimum)
    case 'too_big':
      return bound('at most', issue.origin, issue.maximum)
    default:
      return undefined
  }
}

const bound = (how: string, origin: string, limit: number | bigint): string => {
  const unit = counted[origin]
  return unit ? `has to have ${how} ${limit} ${unit}` : `has to be ${how} ${limit}`
}
