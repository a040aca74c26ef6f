import type { Connector, Template } from '#connectors/contract.ts'
import { type Papers, papersOf } from '#connectors/index.ts'
import type { Db } from '#src/db/contract.ts'
import type { Keyring } from '#src/lib/crypto.ts'
import { Problem } from '#src/lib/problem.ts'
import { connectorRepository, type StoredInstance } from '../connector-repository.ts'
import type { ConnectorSettings, Fault } from '../connector-settings.ts'
import { healthRepository } from './health-repository.ts'
import { type InstanceView, ownTemplates, viewer, type WatchedInstance } from './instance-view.ts'
import { type Config, describeConfig, keepSecrets, secretPaths } from './secrets.ts'
import { type Author, noteChanges } from './template-versions.ts'

export interface ManageDeps {
  connectors: ReadonlyMap<string, Connector>
  settings: ConnectorSettings
  keys: Keyring
  evaluation: boolean
}

/** A connector that an instance can be made of. */
export interface Kind extends Papers {
  id: string
  name: string
  channels: Connector['channels']
  /** JSON Schema of the settings. */
  schema: Record<string, unknown>
  /** Dotted paths of the settings that are never shown. */
  secrets: string[]
}

export interface NewSettings {
  id: string
  connector: string
  priority?: number | undefined
  countries?: readonly string[] | null | undefined
  config: Config
  enabled?: boolean | undefined
}

export type Change = Omit<NewSettings, 'id' | 'connector' | 'config'> & {
  config?: Config | undefined
}

/** Settings as somebody has typed them, with nothing missing. */
export interface CheckedSettings {
  id: string | null
  connector: Connector
  config: Config
  templates: Template[] | undefined
  /** Dotted paths of the secrets in `config`. */
  secrets: readonly string[]
  /** What is saved under that id. */
  stored: StoredInstance | null
}

/** Paths as the API writes them: `config.templates[0].content`. */
export const refuse = (faults: readonly Fault[]): void => {
  if (faults.length === 0) return
  const errors = faults.map(({ path, message }) => ({
    path: path.replace(/\.(\d+)(?=\.|$)/g, '[$1]'),
    message,
  }))
  throw new Problem('invalid_input', { errors })
}

/** Everything an admin does with instances of connectors. Call what changes in a transaction. */
export const manageConnectors = ({ connectors, settings, keys, evaluation }: ManageDeps) => {
  const view = viewer({ connectors, settings })

  const available = () => [...connectors.values()].filter(({ id }) => evaluation || id !== 'inbox')

  /** Settings as typed, with the secrets that were sent back masked put in. */
  const whole = (
    connectorId: string,
    typed: Config,
    stored: StoredInstance | null,
  ): { config: Config; faults: Fault[] } => {
    const connector = connectors.get(connectorId)
    const same = stored?.connector === connectorId
    return connector
      ? keepSecrets(connector.config, typed, same ? (stored.config as Config) : null)
      : { config: typed, faults: [] }
  }

  const check = (faults: readonly Fault[], given: NewSettings): void => {
    const masked = new Set(faults.map(({ path }) => path))
    const others = settings.validate({
      id: given.id,
      connector: given.connector,
      config: given.config,
      ...(given.priority === undefined ? {} : { priority: given.priority }),
      ...(given.countries ? { countries: [...given.countries] } : {}),
    })
    refuse([...faults, ...others.filter(({ path }) => !masked.has(path))])
  }

  const lockOwn = async (db: Db, id: string, version: number | null): Promise<StoredInstance> => {
    const stored = await connectorRepository(db, keys).lock(id)
    if (!stored) throw new Problem('not_found')
    if (stored.managedByFile) throw new Problem('managed_by_file')
    if (version !== null && version !== stored.revision) throw new Problem('version_changed')
    return stored
  }

  const read = async (db: Db, id: string): Promise<WatchedInstance> => {
    const stored = await connectorRepository(db, keys).find(id)
    if (!stored) throw new Problem('not_found')
    return { ...view(stored), health: (await healthRepository(db).of([id])).get(id)! }
  }

  /** In the order in which they are tried. */
  const all = async (db: Db): Promise<InstanceView[]> =>
    (await connectorRepository(db, keys).list()).map(view)

  return {
    /** @throws Problem `not_found`, `managed_by_file` or `version_changed` */
    lockOwn,

    /** Every connector that there is, with what is written about it. */
    kinds: (): Promise<Kind[]> =>
      Promise.all(
        available().map(async (connector) => ({
          id: connector.id,
          name: connector.name,
          channels: connector.channels,
          schema: describeConfig(connector.config),
          secrets: secretPaths(connector.config),
          ...(await papersOf(connector)),
        })),
      ),

    all,

    /** The same, with how they have done. */
    async list(db: Db): Promise<WatchedInstance[]> {
      const found = await all(db)
      const health = await healthRepository(db).of(found.map(({ id }) => id))
      return found.map((each) => ({ ...each, health: health.get(each.id)! }))
    },

    /** @throws Problem `not_found` */
    read,

    /** @throws Problem `invalid_input` with a line for each fault, or `already_exists` */
    async create(db: Db, given: NewSettings, author: Author): Promise<WatchedInstance> {
      const { config, faults } = whole(given.connector, given.config, null)
      check(faults, { ...given, config })
      const instance = {
        id: given.id,
        connector: given.connector,
        priority: given.priority ?? 10,
        countries: given.countries ?? null,
        config,
        managedByFile: false,
        enabled: given.enabled ?? true,
      }
      if (!(await connectorRepository(db, keys).insert(instance))) {
        throw new Problem('already_exists', { field: 'id' })
      }
      await noteChanges(db, given.id, [], ownTemplates({ config }) ?? [], author)
      return read(db, given.id)
    },

    /**
     * Changes what is given; `config` is replaced as a whole, secrets that come masked are kept.
     *
     * @throws Problem `invalid_input`, `not_found`, `managed_by_file` or `version_changed`
     */
    async change(
      db: Db,
      id: string,
      change: Change,
      version: number | null,
      author: Author,
    ): Promise<WatchedInstance> {
      const stored = await lockOwn(db, id, version)
      const { config, faults } = change.config
        ? whole(stored.connector, change.config, stored)
        : { config: stored.config as Config, faults: [] }
      const next = {
        ...stored,
        config,
        priority: change.priority ?? stored.priority,
        countries: change.countries === undefined ? stored.countries : change.countries,
        enabled: change.enabled ?? stored.enabled,
      }
      check(faults, next)
      const before = ownTemplates(stored) ?? stored.words ?? []
      // Who gives all templates says that there are no others.
      const words = ownTemplates(next) ? null : stored.words
      await connectorRepository(db, keys).update({ ...next, words })
      await noteChanges(db, id, before, ownTemplates(next) ?? words ?? [], author)
      return read(db, id)
    },

    /**
     * Puts instances into this order, before all others of the console; those that are not named
     * follow as they were.
     *
     * @throws Problem `invalid_input` for what is not there, or `managed_by_file`
     */
    async order(db: Db, ids: readonly string[]): Promise<WatchedInstance[]> {
      const repository = connectorRepository(db, keys)
      const all = await repository.list()
      const named = ids.map((id) => all.find((each) => each.id === id))
      refuse(
        named.flatMap((each, index) =>
          each ? [] : [{ path: `ids.${index}`, message: 'There is no such connector.' }],
        ),
      )
      if (named.some((each) => each?.managedByFile)) throw new Problem('managed_by_file')
      const others = all.filter(({ id, managedByFile }) => !managedByFile && !ids.includes(id))
      for (const [index, { id }] of [...named.map((each) => each!), ...others].entries()) {
        const locked = await repository.lock(id)
        const priority = Math.min(index + 1, 1000)
        if (locked && locked.priority !== priority) await repository.update({ ...locked, priority })
      }
      return this.list(db)
    },

    /** @throws Problem `not_found`, `managed_by_file` or `version_changed` */
    async remove(db: Db, id: string, version: number | null): Promise<void> {
      await lockOwn(db, id, version)
      await connectorRepository(db, keys).remove(id)
    },

    /**
     * A connector and settings as somebody has typed them, checked, with the secrets of the saved
     * instance where they came masked.
     *
     * @throws Problem `invalid_input`
     */
    async typed(
      db: Db,
      given: { id: string | null; connector: string; config: Config },
    ): Promise<CheckedSettings> {
      const stored = given.id === null ? null : await connectorRepository(db, keys).find(given.id)
      const { config, faults } = whole(given.connector, given.config, stored)
      check(faults, { id: given.id ?? 'test', connector: given.connector, config })
      const connector = connectors.get(given.connector)!
      return {
        id: given.id,
        connector,
        config,
        stored,
        secrets: secretPaths(connector.config),
        templates: ownTemplates({ config }),
      }
    },
  }
}

export type ManagedConnectors = ReturnType<typeof manageConnectors>
