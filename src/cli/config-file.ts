import { readFileSync } from 'node:fs'
import { environment } from '#config/env.ts'
import { place } from '#config/names.ts'
import { keyOf, type Path, readSource, type Source } from '#config/source.ts'
import type { Calls } from './contract.ts'
import { CommandFailure, exitCodes } from './failure.ts'

/** A configuration file with its variables filled in. */
export interface Document {
  source: Source
  value: unknown
}

/** Where a secret stands, which may come later or be there already. */
const maySecretBe = ([section, , third]: Path): boolean =>
  (section === 'clients' && third === 'client_secret') ||
  (section === 'connectors' && third === 'config') ||
  (section === 'webhooks' && third === 'secret')

/**
 * Reads a file in the format of `CONFIG_FILE`. A secret whose variable is not set is null: whoever
 * applies it keeps what is there, or makes one.
 *
 * @throws CommandFailure with every fault that the text has by itself
 */
export const readDocument = (file: string): Document => {
  const source = readSource(readText(file), environment())
  const later = [...source.unset.keys()].map(pathOf).filter(maySecretBe)
  const isLater = (path: Path) => later.some((each) => keyOf(each) === keyOf(path))
  const faults = source.faults.filter(({ path }) => !isLater(path))
  if (faults.length > 0) throw invalid(file, source, faults.map(inWords))
  return { source, value: later.reduce((all, path) => withValue(all, path, null), source.value) }
}

const readText = (file: string): string => {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (error) {
    throw new CommandFailure(`${file} can not be read: ${(error as Error).message}.`)
  }
}

/**
 * Asks with the document. A variable is always text: where a number or a truth value is wanted, it is
 * read as that.
 *
 * @throws CommandFailure with every fault and the line of the file that it is about
 */
export const ask = async <T>(
  { call }: Calls,
  operationId: string,
  file: string,
  { source, value }: Document,
): Promise<T> => {
  try {
    return await call<T>(operationId, { body: value })
  } catch (error) {
    if (!(error instanceof CommandFailure) || error.code !== 'invalid_input') throw error
    const meant = [...source.readings].filter(([key]) =>
      error.errors.some(({ path }) => path === place(pathOf(key))),
    )
    if (meant.length === 0) throw invalid(file, source, error.errors)
    const reread = meant.reduce(
      (all, [key, reading]) => withValue(all, pathOf(key), reading),
      value,
    )
    return ask({ call } as Calls, operationId, file, {
      source: { ...source, readings: new Map() },
      value: reread,
    })
  }
}

interface Said {
  path: string
  message: string
}

const inWords = ({ path, message }: { path: Path; message: string }): Said => ({
  path: place(path),
  message,
})

const invalid = (file: string, source: Source, faults: readonly Said[]): CommandFailure => {
  const lines = faults.map(({ path, message }) => {
    const line = source.lineOf(steps(path))
    const variable = source.unset.get(keyOf(steps(path)))
    const words = variable ? `needs the variable ${variable}, which is not set` : message
    return `  ${path || 'file'}: ${words}${line === null ? '' : ` (line ${line})`}`
  })
  const words = [`${file} is not valid:`, ...new Set(lines)].join('\n')
  return new CommandFailure(words, { code: 'invalid_input', exitCode: exitCodes.trouble })
}

const pathOf = (key: string): Path => JSON.parse(key)

/** `clients[0].redirect_uris[1]` as steps. */
const steps = (path: string): Path =>
  path
    .split(/\.|(?=\[)/)
    .filter((step) => step !== '')
    .map((step) => (/^\[\d+\]$/.test(step) ? Number(step.slice(1, -1)) : step))

const withValue = (container: unknown, [step, ...rest]: Path, value: unknown): unknown => {
  if (step === undefined) return value
  if (Array.isArray(container)) {
    return container.map((each, index) => (index === step ? withValue(each, rest, value) : each))
  }
  if (typeof container !== 'object' || container === null) return container
  const inside = container as Record<string, unknown>
  return { ...inside, [step]: withValue(inside[step], rest, value) }
}
