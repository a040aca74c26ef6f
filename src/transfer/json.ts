import { mostCharacters, refuse, textOf } from './text.ts'

export interface JsonText {
  /** On which it begins; the first is 1. */
  line: number
  /** Null where it is too long. */
  text: string | null
  /** The name of the member, for what is no record. */
  member: string | null
}

export interface JsonShape {
  /** The member of the outermost object that holds the records; null: that object is one itself. */
  within: string | null
  /** Another member of it to hand over. */
  also?: string
}

interface Captured {
  line: number
  depth: number
  member: string | null
}

const space = /\s/

/**
 * The objects in a file of any length, each as text: the elements of an array, the lines of NDJSON,
 * or the elements of one member of an object. Whatever else there is, is passed over.
 *
 * @throws Problem for what is no such file
 */
export async function* splitJson(
  file: AsyncIterable<Buffer>,
  { within, also }: JsonShape,
): AsyncGenerator<JsonText> {
  const open: string[] = []
  let line = 1
  let inString = false
  let escaped = false
  /** Of the outermost object: the member that is being read. */
  let key: string | null = null
  let readingKey = false
  let captured: Captured | null = null
  let kept = ''
  let long = false

  const malformed = (): never =>
    refuse(`The file is no JSON of the kind that was chosen (line ${line}).`)
  const wrapped = (): boolean => within !== null && open[0] === '{'
  /** Where a record may begin. */
  const atRecord = (): boolean => {
    if (open.length === 0) return within === null
    if (open[0] === '[') return open.length === 1
    return open.length === 2 && open[1] === '[' && key === within
  }
  const atMember = (): boolean =>
    wrapped() && open.length === 1 && also !== undefined && key === also

  for await (const text of textOf(file)) {
    let from = 0
    for (let at = 0; at < text.length; at++) {
      const c = text[at]!
      if (c === '\n') line += 1
      if (inString) {
        if (escaped) escaped = false
        else if (c === '\\') escaped = true
        else if (c === '"') {
          inString = false
          if (readingKey) key = kept + text.slice(from, at)
          if (readingKey) kept = ''
          readingKey = false
        }
        continue
      }
      if (c === '"') {
        inString = true
        if (captured) continue
        if (open.length === 0 || (atRecord() && open.at(-1) === '[')) malformed()
        if (wrapped() && open.length === 1 && key === null) {
          readingKey = true
          kept = ''
          from = at + 1
        }
      } else if (c === '{' || c === '[') {
        const record: boolean = captured === null && atRecord()
        if (!captured && c === '{' && (record || atMember())) {
          captured = { line, depth: open.length, member: record ? null : key }
          kept = ''
          long = false
          from = at
        } else if (record && open.length > 0) malformed()
        if (open.length === 0) key = null
        open.push(c)
        if (open.length > 1000) malformed()
      } else if (c === '}' || c === ']') {
        if (open.pop() !== (c === '}' ? '{' : '[')) malformed()
        if (captured?.depth === open.length) {
          kept += text.slice(from, at + 1)
          const tooLong = long || kept.length > mostCharacters
          yield { line: captured.line, text: tooLong ? null : kept, member: captured.member }
          captured = null
          kept = ''
        }
      } else if (!captured) {
        if (c === ',' && open.length === 1 && wrapped()) key = null
        else if (c !== ',' && !space.test(c)) {
          if (open.length === 0 || (atRecord() && open.at(-1) === '[')) malformed()
        }
      }
    }
    if (captured || readingKey) {
      kept += text.slice(from)
      // What is too long is passed over, not kept.
      if (kept.length > mostCharacters) {
        if (readingKey) malformed()
        kept = ''
        long = true
      }
    }
  }
  if (open.length > 0 || inString) refuse(`The file ends in the middle (line ${line}).`)
}
