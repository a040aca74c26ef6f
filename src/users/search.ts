import { Problem } from '#src/lib/problem.ts'
import type { Identifier, IdentifierType } from './contract.ts'
import { readIdentifier } from './identifier.ts'

/** Greater than all that may follow a prefix, compared byte by byte. */
const last = '\u{10ffff}'

/** What somebody looks for, in each place where it may be found. */
export interface Search {
  id: string
  /** Canonical, or the beginning of it: from here on, to before `identifierEnd`. */
  identifier: string
  identifierEnd: string
  name: string
  nameEnd: string
}

const read = (text: string, type: IdentifierType): Identifier | null => {
  try {
    return readIdentifier(text, { types: [type] })
  } catch (error) {
    if (error instanceof Problem) return null
    throw error
  }
}

/** A number with its country code, however it is written, and however much of it there is. */
const numeric = /^(?:tel:)?(?:\+|00)[\d\s().-]*$/i

const canonicalPrefix = (text: string): string => {
  if (numeric.test(text)) return `+${text.replace(/\D/g, '').replace(/^00/, '')}`
  return read(text, 'email')?.value ?? text.toLowerCase()
}

/** Reads what was typed into a search: an id, the beginning of an identifier or of a name. */
export const readSearch = (text: string): Search => {
  const typed = text.trim()
  const identifier = canonicalPrefix(typed)
  return {
    id: typed,
    identifier,
    identifierEnd: identifier + last,
    name: typed,
    nameEnd: typed + last,
  }
}
