import { z } from 'zod'
import type { Fault, Path } from './source.ts'

/**
 * The name of a setting in the configuration file: `smsTtlSeconds` is `sms_ttl` there. Durations
 * are in seconds everywhere, so the file does not say it again.
 */
export const fileName = (key: string): string =>
  key.replace(/Seconds$/, '').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** A path as people write it: `clients[0].redirect_uris[1]`. */
export const place = (path: Path): string =>
  path.reduce<string>(
    (text, step) =>
      typeof step === 'number' ? `${text}[${step}]` : text ? `${text}.${step}` : step,
    '',
  )

/** Where something of the settings stands in the file. */
export const settingPlace = ([section, ...rest]: readonly PropertyKey[]): string =>
  place(
    [section === 'signIn' ? 'signInExperience' : section!, ...rest].map((step) =>
      typeof step === 'number' ? step : fileName(String(step)),
    ),
  )

/** The schema without what is wrapped around it. */
const bare = (schema: unknown): unknown => {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault)
    return bare(schema.unwrap())
  if (schema instanceof z.ZodNullable) return bare(schema.unwrap())
  return schema instanceof z.ZodPipe ? bare(schema.in) : schema
}

/**
 * Gives what was read from the file the names that the schema has, and finds names that it does not
 * know. Records, whose names are anybody's, stay as they are.
 */
export const named = (
  schema: unknown,
  value: unknown,
  path: Path = [],
): { value: unknown; faults: readonly Fault[] } => {
  const known = bare(schema)
  const faults: Fault[] = []
  const inner = (each: unknown, given: unknown, step: string | number) => {
    const result = named(each, given, [...path, step])
    faults.push(...result.faults)
    return result.value
  }

  if (known instanceof z.ZodArray && Array.isArray(value)) {
    return { value: value.map((each, index) => inner(known.element, each, index)), faults }
  }
  if (!(known instanceof z.ZodObject) || !isPlain(value)) return { value, faults }
  // An object that takes anything, such as a key of a JWKS, has names of its own.
  if (known.def.catchall instanceof z.ZodUnknown) return { value, faults }

  const keys = new Map(Object.keys(known.shape).map((key) => [fileName(key), key]))
  const result: Record<string, unknown> = {}
  for (const [name, given] of Object.entries(value)) {
    const key = keys.get(name)
    if (key !== undefined) result[key] = inner(known.shape[key], given, name)
    else {
      const message = `is not known here; ${suggestion(name, [...keys.keys()])}`
      faults.push({ path: [...path, name], message })
    }
  }
  return { value: result, faults }
}

/** What {@link named} makes of it is the value again: with the names that the file has. */
export const written = (schema: unknown, value: unknown): unknown => {
  const known = bare(schema)
  if (known instanceof z.ZodArray && Array.isArray(value)) {
    return value.map((each) => written(known.element, each))
  }
  if (!(known instanceof z.ZodObject) || !isPlain(value)) return value
  if (known.def.catchall instanceof z.ZodUnknown) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== undefined)
      .map(([key, each]) => [fileName(key), written(known.shape[key], each)]),
  )
}

const suggestion = (name: string, known: readonly string[]): string => {
  const near = known.find((one) => distance(name.slice(0, 64), one) <= 2)
  return near ? `is it ${near}?` : `there is ${known.join(', ')}`
}

/** How many letters have to be changed, added or left out (Levenshtein). */
const distance = (one: string, other: string): number => {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1]
    for (const [column, wanted] of [...other].entries()) {
      const changed = row[column]! + (letter === wanted ? 0 : 1)
      next.push(Math.min(changed, row[column + 1]! + 1, next[column]! + 1))
    }
    row = next
  }
  return row.at(-1)!
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
