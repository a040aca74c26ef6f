import type { Translate } from '#src/lib/page.ts'
import { Problem } from '#src/lib/problem.ts'

/**
 * What a text area with JSON holds.
 *
 * @param path of the field
 * @throws Problem `invalid_input` that says where the text stops to be JSON
 */
export const readJsonText = (text: string, path: string, t: Translate): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    const before = text.slice(0, faultAt(text)).split('\n')
    const place = { line: before.length, column: before.at(-1)!.length + 1 }
    throw new Problem('invalid_input', {
      errors: [{ path, message: t('admin.not-json', place) }],
    })
  }
}

const space = /[ \t\n\r]*/y
const string = /"(?:[^"\\\p{Cc}]|[\x7f-\x9f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/uy
const literal = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y

/** Deeper than anything that is meant. */
const deepest = 100

/** Index of the first character that no JSON has there; the engine tells it only now and then. */
const faultAt = (text: string): number => {
  let at = 0
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at
    const found = pattern.test(text)
    if (found) at = pattern.lastIndex
    return found
  }
  const mark = (character: string): boolean => {
    skip(space)
    if (text[at] !== character) return false
    at += 1
    return true
  }
  /** `one` between commas, up to `end`. */
  const several = (end: string, one: () => boolean): boolean => {
    if (mark(end)) return true
    do {
      if (!one()) return false
    } while (mark(','))
    return mark(end)
  }
  const value = (level: number): boolean => {
    skip(space)
    if (level > deepest) return false
    const inner = () => value(level + 1)
    if (mark('[')) return several(']', inner)
    if (mark('{')) {
      return several('}', () => {
        skip(space)
        return skip(string) && mark(':') && inner()
      })
    }
    return skip(string) || skip(literal)
  }
  if (value(1)) skip(space)
  return at
}
