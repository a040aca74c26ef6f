import { mostCharacters, refuse, textOf } from './text.ts'

export interface CsvRow {
  /** On which it begins; the first is 1. */
  line: number
  cells: string[]
}

/** Rows of a CSV file (RFC 4180) with commas, semicolons or tabs, a little at a time. */
export async function* readCsv(file: AsyncIterable<Buffer>): AsyncGenerator<CsvRow> {
  let separator: string | null = null
  let line = 1
  let row: CsvRow = { line, cells: [] }
  let cell = ''
  let size = 0
  let quoted = false
  /** A quote was met inside quotes: the end, or the first of two. */
  let closing = false
  /** The separator is known once the first line is whole. */
  let first = ''

  const isEmpty = () => row.cells.length === 0 && cell === ''
  const endCell = () => {
    row.cells.push(cell)
    cell = ''
    closing = false
  }

  function* take(text: string): Generator<CsvRow> {
    for (const character of text) {
      if (++size > mostCharacters) {
        refuse(`Line ${row.line} does not end: is there a quote that is not closed?`)
      }
      if (character === '\n') line += 1
      if (quoted) {
        if (character !== '"') cell += character
        else {
          quoted = false
          closing = true
        }
      } else if (character === '"' && closing) {
        cell += '"'
        quoted = true
        closing = false
      } else if (character === '"' && cell === '') quoted = true
      else if (character === separator) endCell()
      else if (character === '\n') {
        if (!isEmpty() || closing) {
          endCell()
          yield row
        }
        row = { line, cells: [] }
        cell = ''
        size = 0
      } else if (character !== '\r') cell += character
    }
  }

  for await (const text of textOf(file)) {
    if (separator !== null) {
      yield* take(text)
      continue
    }
    first += text
    const end = first.indexOf('\n')
    if (end < 0 && first.length <= mostCharacters) continue
    separator = separatorOf(first.slice(0, Math.max(end, 0)))
    yield* take(first)
  }
  if (separator === null) {
    separator = separatorOf(first)
    yield* take(first)
  }
  if (quoted) refuse(`Line ${row.line} has a quote that is not closed.`)
  yield* take('\n')
}

const separatorOf = (header: string): string =>
  [',', ';', '\t'].reduce((best, each) => (count(header, each) > count(header, best) ? each : best))

const count = (text: string, part: string): number => text.split(part).length

/** Spreadsheets take what begins so for a formula; exports put a `'` before it. */
const defused = /^'(?=[=+\-@\t\r\0])/

/**
 * The rows below the header, by the names of their columns.
 *
 * @param known the columns there may be; null: any
 * @throws Problem for a header that is not right
 */
export async function* readTable(
  file: AsyncIterable<Buffer>,
  known: readonly string[] | null,
): AsyncGenerator<{ line: number; cells: Map<string, string> } | { line: number; fault: string }> {
  let columns: string[] | null = null
  for await (const { line, cells } of readCsv(file)) {
    if (columns === null) {
      columns = cells.map((name) => name.trim())
      const strange = known && columns.find((name) => !known.includes(name))
      if (strange !== null && strange !== undefined) {
        refuse(`The column "${strange.slice(0, 64)}" is not known. Known are ${known!.join(', ')}.`)
      }
      const twice = columns.find((name, at) => columns!.indexOf(name) !== at)
      if (twice !== undefined) refuse(`The column "${twice.slice(0, 64)}" is there twice.`)
    } else if (cells.length !== columns.length) {
      yield { line, fault: `has ${cells.length} columns, and the header ${columns.length}` }
    } else {
      const named = columns.map((name, at): [string, string] => [
        name,
        cells[at]!.replace(defused, '').trim(),
      ])
      yield { line, cells: new Map(named) }
    }
  }
}
