import { z } from 'zod'
import { words } from '#config/words.ts'
import { type Connector, type Template, template } from '#connectors/contract.ts'
import { templateFaults } from '#connectors/templates.ts'
import type { Db } from '#src/db/contract.ts'
import { keyring } from '#src/lib/crypto.ts'
import { connectorRepository } from './connector-repository.ts'
import { isCountry } from './country.ts'

/** What is wrong with settings; `path` as in `config.templates.0.content`. */
export interface Fault {
  path: string
  message: string
}

const instance = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'An id is lower-case letters, digits, - and _.')
    // Where the console has its page for another one.
    .refine((id) => id !== 'new', 'An id can not be "new".'),
  connector: z.string(),
  priority: z.int().min(0).max(1000).default(10),
  countries: z
    .array(z.string().refine(isCountry, 'A country is two capital letters (ISO 3166).'))
    .min(1)
    .optional(),
  config: z.unknown().default({}),
  templates: z.array(template).max(500).optional(),
  enabled: z.boolean().default(true),
})

/** A connector as an operator sets it up; what is left out has a default. */
export type InstanceSettings = Omit<z.input<typeof instance>, 'templates'> & {
  /** For some usages; the others are ours. Where `config` has templates, those are all. */
  templates?: readonly unknown[] | undefined
}

const faultsOf = (error: z.ZodError, prefix: readonly PropertyKey[] = []): Fault[] =>
  error.issues.flatMap((issue) => {
    const path = [...prefix, ...issue.path]
    if (issue.code !== 'unrecognized_keys')
      return [{ path: path.join('.'), message: issue.message }]
    return issue.keys.map((key) => ({
      path: [...path, key].join('.'),
      message: 'There is no such setting.',
    }))
  })

const sameWords = (one: Template, two: Template): boolean =>
  one.usageType === two.usageType &&
  (one.locale ?? '').toLowerCase() === (two.locale ?? '').toLowerCase()

/** What is wrong with templates beside the `config`, each of which is one by itself. */
const wordFaults = (given: InstanceSettings, { channels }: Connector): Fault[] => {
  const parsed = z.array(template).safeParse(given.templates ?? [])
  if (!parsed.success || parsed.data.length === 0) return []
  const config = given.config as { templates?: unknown } | undefined
  const [channel] = channels
  if (config?.templates !== undefined || channels.length !== 1) {
    const message = config?.templates
      ? 'The config has templates already: put all of them there.'
      : 'This connector sends nothing that needs words.'
    return [{ path: 'templates', message }]
  }
  return parsed.data.flatMap((each, index) => [
    ...templateFaults(each, channel!).map(([property, message]) => ({
      path: `templates.${index}.${property}`,
      message,
    })),
    ...(parsed.data.findIndex((one) => sameWords(one, each)) < index
      ? [{ path: `templates.${index}`, message: 'There is one for this usage already.' }]
      : []),
  ])
}

export interface ConnectorSettingsDeps {
  connectors: ReadonlyMap<string, Connector>
  /** `SECRET_KEYS` */
  secrets: readonly string[]
  evaluation: boolean
}

/** Checks and stores which connectors are used, with which settings. */
export const connectorSettings = ({ connectors, secrets, evaluation }: ConnectorSettingsDeps) => {
  const keys = keyring(secrets, 'messaging')

  const validateConfig = (connectorId: string, config: unknown): Fault[] => {
    const parsed = connectors.get(connectorId)?.config.safeParse(config, { error: words })
    return !parsed || parsed.success ? [] : faultsOf(parsed.error)
  }

  /** The whole instance, its config included. Empty when all is well. */
  const validate = (given: InstanceSettings): Fault[] => {
    const parsed = instance.safeParse(given, { error: words })
    const own = parsed.success ? [] : faultsOf(parsed.error)
    const connector = connectors.get(given.connector)
    if (!connector) {
      const message = `There is no such connector, only ${[...connectors.keys()].join(', ')}.`
      return [...own.filter(({ path }) => path !== 'connector'), { path: 'connector', message }]
    }
    if (connector.id === 'inbox' && !evaluation) {
      own.push({ path: 'connector', message: 'The inbox is for evaluation only.' })
    }
    if (given.countries && !connector.channels.includes('sms')) {
      own.push({ path: 'countries', message: 'Only text messages are sent by country.' })
    }
    const inConfig = validateConfig(given.connector, given.config ?? {})
    return [
      ...own,
      ...wordFaults(given, connector),
      ...inConfig.map(({ path, message }) => ({
        path: path ? `config.${path}` : 'config',
        message,
      })),
    ]
  }

  return {
    validate,

    /** Seals settings again that were sealed before `SECRET_KEYS` got a newer secret. */
    sealAgain: (db: Db) => connectorRepository(db, keys).sealAgain(),

    /**
     * Makes the instances of the configuration file what the file says, and releases those that it
     * no longer names: they stay, and belong to the console. All or nothing; paths begin with the
     * position in the list.
     */
    async apply(db: Db, list: readonly InstanceSettings[]): Promise<Fault[]> {
      const faults = list.flatMap((given, index) => [
        ...validate(given).map(({ path, message }) => ({ path: `${index}.${path}`, message })),
        ...(list.findIndex(({ id }) => id === given.id) < index
          ? [{ path: `${index}.id`, message: 'This id is used twice.' }]
          : []),
      ])
      if (faults.length > 0) return faults
      await db.transaction(async (tx) => {
        const repository = connectorRepository(tx, keys)
        for (const given of list) {
          const { countries = null, templates = null, ...rest } = instance.parse(given)
          await repository.save({ ...rest, countries, words: templates, managedByFile: true })
        }
        await repository.releaseOthers(list.map(({ id }) => id))
      })
      return []
    },
  }
}

export type ConnectorSettings = ReturnType<typeof connectorSettings>
