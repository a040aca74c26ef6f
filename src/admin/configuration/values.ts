import { isDeepStrictEqual } from 'node:util'
import type { Change } from './contract.ts'

export type Section = Readonly<Record<string, unknown>>

export const isSection = (value: unknown): value is Section =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What of `value` is not as in `under`; undefined where nothing is. Lists are whole. */
export const differing = (under: unknown, value: unknown): unknown => {
  if (isDeepStrictEqual(under, value)) return undefined
  if (!isSection(under) || !isSection(value)) return value
  const differs = Object.entries(value)
    .map(([key, each]) => [key, differing(under[key], each)] as const)
    // Null says no more than nothing where nothing is there.
    .filter(([key, each]) => each !== undefined && !(each === null && under[key] === undefined))
  return Object.fromEntries(differs)
}

/**
 * Each difference of two values, by its path.
 *
 * @param whole whether what only `before` has is gone, or has merely not been said
 */
export const changesOf = (
  path: string,
  before: unknown,
  after: unknown,
  whole: boolean,
): Change[] => {
  if (isDeepStrictEqual(before, after) || after === undefined) return []
  if (isSection(before) && isSection(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    return keys.flatMap((key): Change[] => {
      const at = `${path}.${key}`
      if (after[key] !== undefined) return changesOf(at, before[key], after[key], whole)
      return whole && before[key] !== undefined
        ? [{ path: at, kind: 'removed', before: before[key] }]
        : []
    })
  }
  return before === undefined || before === null
    ? [{ path, kind: 'added', after }]
    : [{ path, kind: 'changed', before, after }]
}

/** The value at a dotted path. */
export const at = (value: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>(
      (inside, key) => (isSection(inside) && Object.hasOwn(inside, key) ? inside[key] : undefined),
      value,
    )

/** A copy with something else at a dotted path that is there. */
export const withAt = (value: unknown, path: string, given: unknown): unknown => {
  const [key = '', ...rest] = path.split('.')
  if (!isSection(value)) return value
  return { ...value, [key]: rest.length > 0 ? withAt(value[key], rest.join('.'), given) : given }
}

/** Dotted paths of everything that is null, lists left alone. */
export const nullsIn = (value: unknown, path: readonly string[] = []): string[] => {
  if (value === null) return [path.join('.')]
  if (!isSection(value)) return []
  return Object.entries(value).flatMap(([key, each]) => nullsIn(each, [...path, key]))
}
