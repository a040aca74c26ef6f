/** The text of a configuration file: its variables, and on which line of it something stands. */
import { type Document, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'

export type Path = readonly (string | number)[]

export interface Fault {
  path: Path
  message: string
}

export interface Source {
  value: unknown
  /**
   * Values that came whole from a variable, and read as a number or a boolean, by their path:
   * variables are always text, so these are what may have been meant.
   */
  readings: ReadonlyMap<string, unknown>
  /** Values that are nothing but a variable which is not set, by their path: its name. */
  unset: ReadonlyMap<string, string>
  faults: readonly Fault[]
  /** Line of the last part of the path that is there, from 1. */
  lineOf(path: Path): number | null
}

// Stand-ins as long as what they stand for, so that lines and columns stay. YAML would read the
// braces of `${NAME}` as its own, and the value of a variable must never be read as YAML.
const opening = '\uE000\uE000'
const closing = '\uE001'
const escaped = '\uE002\uE002\uE002'
const escapedEnd = '\uE003'
const standIns = /[\uE000-\uE003]/

const standIn = (text: string): string =>
  text
    .replace(/\$\$\{(\w*)\}/g, `${escaped}$1${escapedEnd}`)
    .replaceAll('$${', escaped)
    .replace(/\$\{([A-Za-z_]\w*)\}/g, `${opening}$1${closing}`)

const asWritten = (text: string): string =>
  text
    .replaceAll(escaped, '${')
    .replaceAll(escapedEnd, '}')
    .replaceAll(opening, '${')
    .replaceAll(closing, '}')

/** Reads YAML or JSON (which is YAML). Never throws: what is wrong is in `faults`. */
export function readSource(
  text: string,
  variables: Readonly<Record<string, string | undefined>>,
): Source {
  const broken = (message: string, line: number | null): Source => ({
    value: {},
    readings: new Map(),
    unset: new Map(),
    faults: [{ path: [], message }],
    lineOf: () => line,
  })
  if (standIns.test(text)) return broken('may not hold the characters U+E000 to U+E003', null)

  const counter = new LineCounter()
  const document = parseDocument(standIn(text), { lineCounter: counter })
  const [trouble] = [...document.errors, ...document.warnings]
  if (trouble) {
    const words = asWritten(trouble.message.split(/ at line \d/)[0]!)
    return broken(words, trouble.linePos?.[0].line ?? null)
  }
  let read: unknown
  try {
    read = document.toJS() ?? {}
  } catch (error) {
    return broken((error as Error).message, null)
  }
  return { ...replaceAll(read, variables), lineOf: (path) => lineOf(document, counter, path) }
}

const parts = /\uE000\uE000(\w+)\uE001|\uE002{3}|\uE003/g
const wholeVariable = /^\uE000\uE000(\w+)\uE001$/

const replaceAll = (
  read: unknown,
  variables: Readonly<Record<string, string | undefined>>,
): Omit<Source, 'lineOf'> => {
  const faults: Fault[] = []
  const readings = new Map<string, unknown>()
  const unset = new Map<string, string>()

  const replace = (text: string, path: Path): string => {
    if (text.includes('${')) {
      faults.push({
        path,
        message: `has a \${ that is no variable: write \${NAME}, or $\${ for the characters \${`,
      })
    }
    const replaced = text.replace(parts, (part, name: string | undefined) => {
      if (name === undefined) return asWritten(part)
      const value = variables[name]
      if (!value) faults.push({ path, message: `needs the variable ${name}, which is not set` })
      return value ?? ''
    })
    const [, whole] = wholeVariable.exec(text) ?? []
    if (whole && !variables[whole]) unset.set(keyOf(path), whole)
    const reading = whole ? readAsLiteral(replaced) : undefined
    if (reading !== undefined) readings.set(keyOf(path), reading)
    return replaced
  }

  const visit = (value: unknown, path: Path): unknown => {
    if (typeof value === 'string') return replace(value, path)
    if (Array.isArray(value)) return value.map((each, index) => visit(each, [...path, index]))
    if (value === null || typeof value !== 'object') return value
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => {
        const name = asWritten(key)
        if (name !== key) faults.push({ path: [...path, name], message: 'may hold no variable' })
        return [name, visit(each, [...path, name])]
      }),
    )
  }
  return { value: visit(read, []), readings, unset, faults }
}

const readAsLiteral = (text: string): number | boolean | undefined => {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** A path as the key of `readings`. */
export const keyOf = (path: Path): string => JSON.stringify(path)

const lineOf = (document: Document, counter: LineCounter, path: Path): number | null => {
  let node: unknown = document.contents
  let offset: number | undefined
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && asWritten(`${key.value}`) === step)
      if (!pair) break
      if (isScalar(pair.key)) offset = pair.key.range?.[0]
      node = pair.value
    } else if (isSeq(node)) {
      const item = node.items[Number(step)]
      if (item === undefined) break
      node = item
      offset = (item as { range?: readonly number[] | null }).range?.[0] ?? offset
    } else break
  }
  return offset === undefined ? null : counter.linePos(offset).line
}
