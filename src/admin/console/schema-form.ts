import { z } from 'zod'
import type { Fields } from './fields.ts'

/** A schema as JSON Schema describes it; only the parts that forms are drawn from. */
export interface Described {
  type?: string | readonly string[]
  enum?: readonly string[]
  const?: string
  properties?: Record<string, Described>
  required?: readonly string[]
  items?: Described
  anyOf?: readonly Described[]
  description?: string
  secret?: boolean
  /** Of a list of choices: which comes first matters. */
  ordered?: boolean
  /** Of a text: it has several lines. */
  long?: boolean
  /** Taken, and of no use to anybody. */
  unused?: boolean
  default?: unknown
  minimum?: number
  maximum?: number
  maxLength?: number
}

export interface FormField {
  /** Dotted, as in `codes.smsTtlSeconds`; also the `name` of the input. */
  path: string
  kind: 'text' | 'secret' | 'number' | 'switch' | 'choice' | 'choices' | 'ordered' | 'lines'
  /** The schema's own words. */
  description: string | null
  required: boolean
  options: readonly string[]
  minimum: number | null
  maximum: number | null
  /** What counts where nothing is said. */
  preset: unknown
  /** A text of several lines. */
  long: boolean
  unused: boolean
}

/** The fields of a form for what a schema accepts; parts that no field can hold are left out. */
export const fieldsOf = (schema: z.ZodType): FormField[] =>
  fieldsIn(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Described)

/** The same for a schema that has been described already; paths begin with `path`. */
export const fieldsIn = (described: Described, path = ''): FormField[] =>
  walk(described, path, false)

const walk = (described: Described, path: string, required: boolean): FormField[] => {
  const { inner, nullable } = bare(described)
  if (inner.properties) {
    return Object.entries(inner.properties).flatMap(([name, each]) =>
      walk(each, path ? `${path}.${name}` : name, inner.required?.includes(name) === true),
    )
  }
  const kind = kindOf(inner)
  if (!kind) return []
  return [
    {
      path,
      kind,
      description: described.description ?? inner.description ?? null,
      required: required && !nullable,
      options: inner.enum ?? inner.items?.enum ?? [],
      minimum: inner.minimum ?? null,
      maximum: inner.maximum ?? null,
      preset: described.default ?? inner.default,
      long: inner.long === true,
      unused: (described.unused ?? inner.unused) === true,
    },
  ]
}

/** Without the `null` that may stand beside it. */
const bare = (described: Described): { inner: Described; nullable: boolean } => {
  const { type } = described
  if (Array.isArray(type)) {
    return {
      inner: { ...described, type: type.find((one) => one !== 'null') },
      nullable: type.includes('null'),
    }
  }
  const { anyOf, ...rest } = described
  const others = anyOf?.filter((one) => one.type !== 'null') ?? []
  // It may stand there twice, where null is a value and everything may be left out.
  if (others.length === 1) return { inner: bare({ ...rest, ...others[0]! }).inner, nullable: true }
  return { inner: described, nullable: false }
}

const kindOf = (described: Described): FormField['kind'] | null => {
  if (described.secret) return 'secret'
  if (described.enum) return 'choice'
  switch (described.type) {
    case 'string':
      return 'text'
    case 'integer':
    case 'number':
      return 'number'
    case 'boolean':
      return 'switch'
    case 'array':
      if (described.items?.enum) return described.ordered ? 'ordered' : 'choices'
      return described.items && ['string', 'integer'].includes(String(described.items.type))
        ? 'lines'
        : null
    default:
      return null
  }
}

/** A value as the input of a field shows it. */
export const shown = (value: unknown): string =>
  value === null || value === undefined
    ? ''
    : Array.isArray(value)
      ? value.join('\n')
      : String(value)

export const valueAt = (container: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], container)

/**
 * What a form says, for the schema to check. An empty text is null where the field had something,
 * and nothing where it did not; a number that is none stays text, so that the schema refuses it.
 */
export const readForm = (
  form: readonly FormField[],
  fields: Fields,
  before: unknown,
): Record<string, unknown> => {
  const read: Record<string, unknown> = {}
  for (const field of form) {
    const value = readField(field, fields, valueAt(before, field.path))
    if (value !== undefined) put(read, field.path.split('.'), value)
  }
  return read
}

const readField = ({ path, kind }: FormField, fields: Fields, before: unknown): unknown => {
  // A box that is not ticked is not sent; the form says which ones it has.
  if (kind === 'switch') return fields.has(path)
  if (kind === 'choices') return fields.all(path)
  if (kind === 'ordered') {
    const place = (option: string) => fields.number(`${path}:${option}`) ?? Infinity
    return fields.all(path).sort((a, b) => place(a) - place(b))
  }
  if (!fields.has(path)) return undefined
  if (kind === 'lines')
    return fields.lines(path).map(numberIfOne(Array.isArray(before) ? before[0] : null))
  const text = fields.text(path)
  if (text === '') return before === undefined ? undefined : null
  return kind === 'number' ? (fields.number(path) ?? text) : text
}

const numberIfOne = (like: unknown) => (line: string) =>
  typeof like === 'number' && /^\d{1,9}$/.test(line) ? Number(line) : line

const put = (
  container: Record<string, unknown>,
  [name, ...rest]: string[],
  value: unknown,
): void => {
  if (rest.length === 0) {
    container[name!] = value
    return
  }
  container[name!] ??= {}
  put(container[name!] as Record<string, unknown>, rest, value)
}
