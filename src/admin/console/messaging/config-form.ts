import type { Fields } from '../fields.ts'
import { type Described, type FormField, fieldsIn, shown, valueAt } from '../schema-form.ts'

export type Config = Readonly<Record<string, unknown>>

/** What the API shows of a secret begins like that; sent back, the secret is kept. */
const dots = '••••'
const isMasked = (value: unknown): value is string =>
  typeof value === 'string' && value.startsWith(dots)

export interface ConfigField extends FormField {
  /** What to type into the field; of a secret only what was typed on this page. */
  value: string
  chosen: readonly string[]
  /** Of a secret that is kept unless another one is typed: its end, or empty where that is hidden. */
  ends: string | null
  /** It need not be looked at to begin with. */
  rare: boolean
}

/**
 * Fields for the settings of a connector. What is optional and can be on or off has a third state,
 * in which the connector decides.
 */
export const configForm = (schema: Record<string, unknown>): FormField[] =>
  fieldsIn(schema as Described, 'config')
    .filter(({ unused }) => !unused)
    .map((field) =>
      field.kind === 'switch' && !field.required && field.preset === undefined
        ? { ...field, kind: 'choice', options: ['true', 'false'] }
        : field,
    )

const inside = ({ path }: FormField): string => path.slice('config.'.length)

/** What of the settings no field holds, such as templates. */
export const restOf = (form: readonly FormField[], config: Config): Config => {
  const rest = structuredClone(config) as Record<string, unknown>
  for (const field of form) remove(rest, inside(field).split('.'))
  return rest
}

/**
 * The settings as a form has them. An empty field is no setting; an empty secret is the one before,
 * as long as there is something else in its group.
 *
 * @param rest of the settings, for which there are no fields
 * @param before as they were, with masked secrets
 */
export const readConfig = (
  form: readonly FormField[],
  fields: Fields,
  rest: Config,
  before: Config,
): Config => {
  const config = structuredClone(rest) as Record<string, unknown>
  for (const field of form) {
    const value = read(field, fields)
    if (value !== undefined) put(config, inside(field).split('.'), value)
  }
  for (const group of new Set(form.map((field) => groupOf(field)).filter((one) => one !== ''))) {
    const own = form.filter((field) => groupOf(field) === group)
    // What no field shows means nothing once all fields beside it are empty.
    if (own.every((field) => valueAt(config, inside(field)) === undefined)) {
      remove(config, group.split('.'))
    }
  }
  for (const field of form.filter(({ kind }) => kind === 'secret')) {
    const kept = valueAt(before, inside(field))
    const group = groupOf(field)
    const there = group === '' || valueAt(config, group) !== undefined
    if (there && valueAt(config, inside(field)) === undefined && isMasked(kept)) {
      put(config, inside(field).split('.'), kept)
    }
  }
  return config
}

const groupOf = (field: FormField): string => inside(field).split('.').slice(0, -1).join('.')

const read = (field: FormField, fields: Fields): unknown => {
  const { path, kind, options } = field
  if (kind === 'switch') return fields.has(path)
  if (kind === 'choices' || kind === 'ordered') return fields.all(path)
  if (kind === 'lines') return fields.lines(path).length > 0 ? fields.lines(path) : undefined
  const text = kind === 'secret' ? fields.text(path) : fields.text(path).trim()
  if (text === '') return undefined
  if (kind === 'number') return fields.number(path) ?? text
  if (kind === 'choice' && options.join() === 'true,false') return text === 'true'
  return text
}

/**
 * Settings in JSON, put into the form. A secret that is masked in it is the one that was typed into
 * its field, or the one before.
 */
export const withTypedSecrets = (
  form: readonly FormField[],
  pasted: Config,
  fields: Fields,
): Config => {
  const config = structuredClone(pasted) as Record<string, unknown>
  for (const field of form.filter(({ kind }) => kind === 'secret')) {
    const typed = fields.text(field.path)
    if (typed && isMasked(valueAt(config, inside(field)))) {
      put(config, inside(field).split('.'), typed)
    }
  }
  return config
}

/** The settings in JSON, without what was typed into the fields of secrets. */
export const jsonOf = (form: readonly FormField[], config: Config): string => {
  const copy = structuredClone(config) as Record<string, unknown>
  for (const field of form.filter(({ kind }) => kind === 'secret')) {
    const value = valueAt(copy, inside(field))
    if (value !== undefined && !isMasked(value)) put(copy, inside(field).split('.'), dots)
  }
  return JSON.stringify(copy, null, 2)
}

export const drawConfig = (form: readonly FormField[], config: Config): ConfigField[] =>
  form.map((field) => {
    const value = valueAt(config, inside(field)) ?? (field.kind === 'switch' ? field.preset : null)
    const masked = field.kind === 'secret' && isMasked(value)
    return {
      ...field,
      value: masked ? '' : isObject(value) ? JSON.stringify(value) : shown(value),
      chosen: [value].flat().map(String),
      ends: masked ? value.slice(dots.length) : null,
      rare: !field.required && field.kind !== 'secret' && value == null,
    }
  })

/** What a person pasted, or null where that is no settings at all. */
export const readJson = (text: string): Config | null => {
  try {
    const given: unknown = JSON.parse(text)
    return typeof given === 'object' && given !== null && !Array.isArray(given)
      ? (given as Config)
      : null
  } catch {
    return null
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const put = (at: Record<string, unknown>, [name, ...rest]: string[], value: unknown): void => {
  if (rest.length === 0) {
    at[name!] = value
    return
  }
  if (!isObject(at[name!])) at[name!] = {}
  put(at[name!] as Record<string, unknown>, rest, value)
}

const remove = (at: Record<string, unknown>, [name, ...rest]: string[]): void => {
  if (rest.length === 0) delete at[name!]
  else {
    const inner = at[name!]
    if (!isObject(inner)) return
    remove(inner, rest)
    if (Object.keys(inner).length === 0) delete at[name!]
  }
}
