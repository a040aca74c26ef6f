import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { Fault } from '#src/lib/problem.ts'

/** The settings of a connector, as they are typed and stored. */
export type Config = Readonly<Record<string, unknown>>

interface Described {
  properties?: Record<string, Described>
  secret?: boolean
  boundTo?: string[]
}

interface Place {
  path: readonly string[]
  /** Settings that say to whom the secret is sent. */
  boundTo: readonly string[]
}

/** What a form is drawn from (JSON Schema); secrets have `secret: true`. */
export const describeConfig = (schema: z.ZodType): Record<string, unknown> => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return rest
}

const placesIn = ({ properties = {} }: Described, path: readonly string[] = []): Place[] =>
  Object.entries(properties).flatMap(([name, each]) =>
    each.secret
      ? [{ path: [...path, name], boundTo: each.boundTo ?? [] }]
      : placesIn(each, [...path, name]),
  )

/** Dotted paths of the secrets among the settings. */
export const secretPaths = (schema: z.ZodType): string[] =>
  placesIn(describeConfig(schema)).map(({ path }) => path.join('.'))

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

const holderOf = (config: unknown, path: readonly string[]): Record<string, unknown> | null => {
  let at = config
  for (const name of path.slice(0, -1)) {
    at = isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined
  }
  return isObject(at) && Object.hasOwn(at, path.at(-1)!) ? at : null
}

const dots = '••••'
/** Four characters of a secret that is shorter would be too many. */
const shortest = 12

const masked = (secret: string): string =>
  secret.length < shortest ? dots : dots + secret.slice(-4)

/** The settings without their secrets: of each only the end is left, to tell it from another. */
export const maskSecrets = (schema: z.ZodType, config: Config): Config => {
  const copy = structuredClone(config)
  for (const { path } of placesIn(describeConfig(schema))) {
    const holder = holderOf(copy, path)
    const name = path.at(-1)!
    if (holder) holder[name] = typeof holder[name] === 'string' ? masked(holder[name]) : null
  }
  return copy
}

/**
 * Puts the stored secrets where they were sent back masked. A secret is not kept once it would be
 * sent to somebody else: whoever may change settings must not learn it that way.
 */
export const keepSecrets = (
  schema: z.ZodType,
  typed: Config,
  stored: Config | null,
): { config: Config; faults: Fault[] } => {
  const config = structuredClone(typed)
  const faults: Fault[] = []
  for (const { path, boundTo } of placesIn(describeConfig(schema))) {
    const holder = holderOf(config, path)
    const name = path.at(-1)!
    const given = holder?.[name]
    if (!holder || typeof given !== 'string' || !given.startsWith(dots)) continue
    const kept = stored && holderOf(stored, path)?.[name]
    const refuse = (message: string) =>
      faults.push({ path: ['config', ...path].join('.'), message })
    if (typeof kept !== 'string' || masked(kept) !== given) refuse('is masked: enter it anew')
    else if (boundTo.some((each) => !isDeepStrictEqual(config[each], stored![each]))) {
      refuse(`has to be entered again, since ${boundTo.join(' or ')} has changed`)
    } else holder[name] = kept
  }
  return { config, faults }
}
