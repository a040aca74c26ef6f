/**
 * The declarative configuration file: what `CONFIG_FILE` names, YAML or JSON. Applied at every
 * start, so that a deployment is what its files say.
 */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import {
  type ClientInput,
  clientIdFault,
  clientSchema,
  type DeclaredClient,
} from './client-schema.ts'
import { ConfigurationError } from './configuration-error.ts'
import { fileName, named, place, written } from './names.ts'
import { secretFault } from './secret.ts'
import { type SettingsPatch, settingsPatch } from './settings-schema.ts'
import { type Fault, keyOf, type Path, readSource, type Source } from './source.ts'
import { type DeclaredWebhook, type WebhookInput, webhookSchema } from './webhook-schema.ts'
import { words } from './words.ts'

/** Only the shape: what an id, a country or the `config` may be is for `validateConnector` to say. */
const connectorSchema = z.strictObject({
  id: z.string(),
  connector: z.string(),
  priority: z.number().optional(),
  countries: z.array(z.string()).optional(),
  config: z.record(z.string(), z.unknown()).optional(),
  enabled: z.boolean().optional(),
  templates: z.array(z.record(z.string(), z.unknown())).optional(),
})

/** As it was written, with variables filled in. */
export type DeclaredConnector = z.output<typeof connectorSchema>

const {
  signIn,
  codes,
  limits,
  session,
  password,
  passkeys,
  recovery,
  audit,
  account,
  branding,
  resources,
  testIdentifiers,
  words: ownWords,
} = settingsPatch.shape

const fileSchema = z.strictObject({
  clients: z.array(clientSchema).max(10_000).default([]),
  connectors: z.array(connectorSchema).max(100).default([]),
  webhooks: z.array(webhookSchema).max(1000).default([]),
  resources,
  testIdentifiers,
  signInExperience: signIn,
  codes,
  limits,
  session,
  password,
  passkeys,
  recovery,
  audit,
  account,
  branding,
  words: ownWords,
})

export interface ConfigFile {
  clients: readonly DeclaredClient[]
  connectors: readonly DeclaredConnector[]
  webhooks: readonly DeclaredWebhook[]
  /** Only what the file holds. */
  settings: SettingsPatch
}

/**
 * Everything that is wrong with one entry of `connectors`, its `config` included; paths as in
 * `config.templates.0.content`. The entry may lack anything but its `id` and `connector`.
 */
export type ValidateConnector = (
  entry: DeclaredConnector,
) => readonly { path: string; message: string }[]

export interface FileDeps {
  /** Where `${NAME}` is looked up; see `environment`. */
  variables: Readonly<Record<string, string | undefined>>
  validateConnector: ValidateConnector
  /** Client secrets that can be guessed are refused; while evaluating, any will do. */
  production: boolean
  /** Why this server could not call an address, or null; unless given, any will do. */
  callFault?: (url: string) => string | null
}

/**
 * Reads and checks the file; without one, nothing is declared.
 *
 * @throws ConfigurationError with every fault, each as `path: message (line N)`
 */
export function readConfigFile(file: string | undefined, deps: FileDeps): ConfigFile {
  if (!file) return { clients: [], connectors: [], webhooks: [], settings: {} }
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new ConfigurationError('The configuration file cannot be read:', [
      `CONFIG_FILE: ${(error as Error).message}`,
    ])
  }
  return parseConfigFile(text, deps, file)
}

/** The same for a text; `file` is its name in the error. */
export function parseConfigFile(text: string, deps: FileDeps, file = 'the file'): ConfigFile {
  const source = readSource(text, deps.variables)
  let checked = check(source.value, deps)
  const meant = checked.faults.filter(({ path }) => source.readings.has(keyOf(path)))
  if (meant.length > 0) {
    const value = meant.reduce(
      (all, { path }) => withValue(all, path, source.readings.get(keyOf(path))),
      source.value,
    )
    const again = check(value, deps)
    if (again.faults.length < checked.faults.length) checked = again
  }

  const faults = [...source.faults, ...checked.faults]
  if (faults.length === 0 && checked.result) return checked.result
  throw new ConfigurationError(`${file} is not valid:`, print(faults, source))
}

export interface Checked {
  /** Null where there are faults. */
  result: ConfigFile | null
  faults: readonly Fault[]
}

/** Checks what such a file holds, once it was read. Faults have paths as the file writes them. */
export const checkConfig = (value: unknown, deps: Omit<FileDeps, 'variables'>): Checked => {
  const { result, faults } = check(value, deps)
  return { result: faults.length > 0 ? null : result, faults }
}

/** The contents of a file that declares this; what is undefined is left out. */
export const writeConfig = (
  clients: readonly ClientInput[],
  connectors: readonly DeclaredConnector[],
  webhooks: readonly WebhookInput[],
  { signIn, ...settings }: SettingsPatch,
): Record<string, unknown> => {
  const config = { clients, connectors, webhooks, signInExperience: signIn, ...settings }
  const filled = Object.entries(config).filter(
    ([, section]) => section !== undefined && Object.keys(section).length > 0,
  )
  return written(fileSchema, Object.fromEntries(filled)) as Record<string, unknown>
}

const check = (
  value: unknown,
  { validateConnector, production, callFault }: Omit<FileDeps, 'variables'>,
): Checked => {
  const { value: renamed, faults: unknown } = named(fileSchema, withoutEmpty(value))
  const parsed = fileSchema.safeParse(renamed, { error: words })
  const issues = (parsed.error?.issues ?? [])
    .filter(({ code }) => code !== 'unrecognized_keys')
    .map(({ path, message }): Fault => ({ path: path.map((step) => inFile(step)), message }))
  const own = [
    ...unknown,
    ...issues,
    ...twice(renamed, 'clients', 'client_id'),
    ...reservedIds(renamed),
    ...twice(renamed, 'connectors', 'id'),
    ...twice(renamed, 'webhooks', 'id'),
    ...(production ? weakSecrets(renamed) : []),
    ...(callFault
      ? [...unreachableWebhooks(renamed, callFault), ...uncallable(renamed, callFault)]
      : []),
  ]
  const places = new Set(own.map(({ path }) => keyOf(path)))
  const theirs = connectorFaults(renamed, validateConnector)
  const faults = [...own, ...theirs.filter(({ path }) => !places.has(keyOf(path)))]
  if (!parsed.success) return { result: null, faults }
  const { clients, connectors, webhooks, signInExperience, ...rest } = parsed.data
  const settings = signInExperience ? { ...rest, signIn: signInExperience } : rest
  return { result: { clients, connectors, webhooks, settings }, faults }
}

const weakSecrets = (value: unknown): Fault[] =>
  entries(value, 'clients').flatMap(([index, { client_secret: secret }]) => {
    const message = typeof secret === 'string' ? secretFault(secret) : null
    return message ? [{ path: ['clients', index, 'client_secret'], message }] : []
  })

const unreachableWebhooks = (value: unknown, callFault: (url: string) => string | null): Fault[] =>
  entries(value, 'webhooks').flatMap(([index, { url }]) => {
    const message = typeof url === 'string' ? callFault(url) : null
    return message ? [{ path: ['webhooks', index, 'url'], message }] : []
  })

const uncallable = (value: unknown, callFault: (url: string) => string | null): Fault[] =>
  entries(value, 'clients').flatMap(([index, { backchannel_logout_uri: uri }]) => {
    const message = typeof uri === 'string' ? callFault(uri) : null
    return message ? [{ path: ['clients', index, 'backchannel_logout_uri'], message }] : []
  })

const reservedIds = (value: unknown): Fault[] =>
  entries(value, 'clients').flatMap(([index, { client_id: id }]) => {
    const message = typeof id === 'string' ? clientIdFault(id) : null
    return message ? [{ path: ['clients', index, 'client_id'], message }] : []
  })

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A section whose lines are all commented out is as good as none. */
const withoutEmpty = (value: unknown): unknown =>
  isObject(value)
    ? Object.fromEntries(Object.entries(value).filter(([, section]) => section !== null))
    : value

/** Paths inside a connector's own config hold names that are nobody else's. */
const inFile = (step: PropertyKey): string | number =>
  typeof step === 'number' ? step : fileName(String(step))

const entries = (value: unknown, section: string): [number, Record<string, unknown>][] => {
  const list = isObject(value) ? value[section] : null
  if (!Array.isArray(list)) return []
  return [...list.entries()].filter((entry): entry is [number, Record<string, unknown>] =>
    isObject(entry[1]),
  )
}

const twice = (value: unknown, section: string, key: string): Fault[] => {
  const seen = new Set<unknown>()
  return entries(value, section).flatMap(([index, entry]) => {
    const id = entry[key]
    if (typeof id !== 'string') return []
    if (seen.has(id)) return [{ path: [section, index, key], message: `"${id}" is there twice` }]
    seen.add(id)
    return []
  })
}

const connectorFaults = (value: unknown, validate: ValidateConnector): Fault[] =>
  entries(value, 'connectors').flatMap(([index, entry]) => {
    if (typeof entry.id !== 'string' || typeof entry.connector !== 'string') return []
    return validate(entry as DeclaredConnector).map(({ path, message }) => {
      const steps = path.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step))
      return { path: ['connectors', index, ...steps], message }
    })
  })

const withValue = (container: unknown, [step, ...rest]: Path, value: unknown): unknown => {
  if (step === undefined) return value
  if (Array.isArray(container)) {
    return container.map((each, index) => (index === step ? withValue(each, rest, value) : each))
  }
  if (!isObject(container)) return container
  return { ...container, [step]: withValue(container[step], rest, value) }
}

const print = (faults: readonly Fault[], source: Source): string[] => {
  const lines = faults.map(({ path, message }) => {
    const line = source.lineOf(path)
    const where = line === null ? '' : ` (line ${line})`
    return { line: line ?? 0, text: `${place(path) || 'file'}: ${message}${where}` }
  })
  return [...new Set(lines.sort((a, b) => a.line - b.line).map(({ text }) => text))]
}
