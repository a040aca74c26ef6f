import type { Template } from '#connectors/contract.ts'
import type { Db } from '#src/db/contract.ts'
import type { Keyring } from '#src/lib/crypto.ts'

/** A connector with its settings, as an operator wrote them. */
export interface StoredInstance {
  id: string
  connector: string
  priority: number
  /** ISO 3166 codes that it is for; null: all. */
  countries: readonly string[] | null
  config: unknown
  /** Templates for some usages, where the config has none. */
  words: readonly Template[] | null
  managedByFile: boolean
  enabled: boolean
  revision: number
  createdAt: Date
  updatedAt: Date
  /** Some process passes it over until then; null where none does. */
  openUntil: Date | null
}

/** What is written of an instance; the rest comes about. */
export type NewInstance = Omit<
  StoredInstance,
  'revision' | 'createdAt' | 'updatedAt' | 'openUntil' | 'words'
> & { words?: readonly Template[] | null }

interface ConnectorRow {
  id: string
  connector: string
  priority: number
  countries: string[] | null
  config: Buffer
  words: Template[] | null
  managed_by_file: boolean
  enabled: boolean
  revision: number
  created_at: Date
  updated_at: Date
  open_until: Date | null
}

const context = (id: string) => `connectors:${id}`

const columns = `id, connector, priority, countries, config, words, managed_by_file, enabled, revision,
  created_at, updated_at, open_until`

/** Instances of connectors. Their settings are only ever stored encrypted. */
export const connectorRepository = (db: Db, keys: Keyring) => {
  const opened = (row: ConnectorRow): StoredInstance => {
    const { config, managed_by_file, created_at, updated_at, open_until, ...rest } = row
    return {
      ...rest,
      config: JSON.parse(keys.open(config, context(row.id))),
      managedByFile: managed_by_file,
      createdAt: created_at,
      updatedAt: updated_at,
      openUntil: open_until,
    }
  }
  const values = (given: NewInstance) => [
    given.id,
    given.connector,
    given.priority,
    given.countries,
    keys.seal(JSON.stringify(given.config), context(given.id)),
    given.managedByFile,
    given.enabled,
    given.words ? JSON.stringify(given.words) : null,
  ]

  return {
    /** Changes whenever a row does; cheap enough to ask for now and then. */
    async version(): Promise<string> {
      const [row] = await db.query<{ version: string | null }>(
        'connectors.version',
        `select string_agg(id || ':' || revision || ':' || extract(epoch from created_at), ' '
           order by id) as version from connectors`,
      )
      return row?.version ?? ''
    },

    /** In the order in which they are tried. */
    async list(): Promise<StoredInstance[]> {
      const rows = await db.query<ConnectorRow>(
        'connectors.list',
        `select ${columns} from connectors order by priority, id`,
      )
      return rows.map(opened)
    },

    async find(id: string): Promise<StoredInstance | null> {
      const [row] = await db.query<ConnectorRow>(
        'connectors.find',
        `select ${columns} from connectors where id = $1`,
        [id],
      )
      return row ? opened(row) : null
    },

    /** The same, and nobody else changes it before the transaction ends. */
    async lock(id: string): Promise<StoredInstance | null> {
      const [row] = await db.query<ConnectorRow>(
        'connectors.lock',
        `select ${columns} from connectors where id = $1 for update`,
        [id],
      )
      return row ? opened(row) : null
    },

    /** False where there is one of that id. */
    async insert(instance: NewInstance): Promise<boolean> {
      const rows = await db.query(
        'connectors.insert',
        `insert into connectors
           (id, connector, priority, countries, config, managed_by_file, enabled, words)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do nothing returning 1`,
        values(instance),
      )
      return rows.length > 0
    },

    /** What has been learnt of it so far holds for other settings. */
    async update(instance: NewInstance): Promise<void> {
      await db.query(
        'connectors.update',
        `update connectors set connector = $2, priority = $3, countries = $4, config = $5,
           managed_by_file = $6, enabled = $7, words = $8, open_until = null,
           revision = revision + 1, updated_at = now()
          where id = $1`,
        values(instance),
      )
    },

    async save(instance: NewInstance): Promise<void> {
      if (!(await this.insert(instance))) await this.update(instance)
    },

    async remove(id: string): Promise<void> {
      await db.query('connectors.remove', 'delete from connectors where id = $1', [id])
    },

    /** With the newest key, what was sealed with another one; nothing else of a row changes. */
    async sealAgain(): Promise<void> {
      const rows = await db.query<Pick<ConnectorRow, 'id' | 'config'>>(
        'connectors.sealed',
        'select id, config from connectors order by id',
      )
      for (const { id, config } of rows) {
        const renewed = keys.renew(config, context(id))
        if (!renewed) continue
        await db.query(
          'connectors.reseal',
          'update connectors set config = $3 where id = $1 and config = $2',
          [id, config, renewed],
        )
      }
    },

    /** Kept for those who look: every process has a breaker of its own. */
    async setOpenUntil(id: string, until: Date | null): Promise<void> {
      await db.query('connectors.open', 'update connectors set open_until = $2 where id = $1', [
        id,
        until,
      ])
    },

    /** What the configuration file no longer names belongs to the console from now on. */
    async releaseOthers(ids: readonly string[]): Promise<void> {
      await db.query(
        'connectors.release',
        `update connectors set managed_by_file = false, updated_at = now()
          where managed_by_file and id <> all($1::text[])`,
        [ids],
      )
    },
  }
}
