import { z } from 'zod'
import type { Connector } from '#connectors/contract.ts'
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
  enabled: z.boolean().default(true),
})

/** A connector as an operator sets it up; what is left out has a default. */
export type InstanceSettings = z.input<typeof instance>

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
    const parsed = connectors.get(connectorId)?.config.safeParse(config)
    return !parsed || parsed.success ? [] : faultsOf(parsed.error)
  }

  /** The whole instance, its config included. Empty when all is well. */
  const validate = (given: InstanceSettings): Fault[] => {
    const parsed = instance.safeParse(given)
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
      ...inConfig.map(({ path, message }) => ({
        path: path ? `config.${path}` : 'config',
        message,
      })),
    ]
  }

  return {
    validate,

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
          const { countries = null, ...rest } = instance.parse(given)
          await repository.save({ ...rest, countries, managedByFile: true })
        }
        await repository.releaseOthers(list.map(({ id }) => id))
      })
      return []
    },
  }
}

export type ConnectorSettings = ReturnType<typeof connectorSettings>
