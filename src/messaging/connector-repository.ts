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
  managedByFile: boolean
  enabled: boolean
  revision: number
}

interface ConnectorRow {
  id: string
  connector: string
  priority: number
  countries: string[] | null
  config: Buffer
  managed_by_file: boolean
  enabled: boolean
  revision: number
}

const context = (id: string) => `connectors:${id}`

/** Instances of connectors. Their settings are only ever stored encrypted. */
export const connectorRepository = (db: Db, keys: Keyring) => ({
  /** Changes whenever a row does; cheap enough to ask for now and then. */
  async version(): Promise<string> {
    const [row] = await db.query<{ version: string | null }>(
      'connectors.version',
      `select string_agg(id || ':' || revision, ' ' order by id) as version from connectors`,
    )
    return row?.version ?? ''
  },

  /** In the order in which they are tried. */
  async list(): Promise<StoredInstance[]> {
    const rows = await db.query<ConnectorRow>(
      'connectors.list',
      `select id, connector, priority, countries, config, managed_by_file, enabled, revision
         from connectors order by priority, id`,
    )
    return rows.map(({ config, managed_by_file, ...row }) => ({
      ...row,
      config: JSON.parse(keys.open(config, context(row.id))),
      managedByFile: managed_by_file,
    }))
  },

  async save(instance: Omit<StoredInstance, 'revision'>): Promise<void> {
    const { id, connector, priority, countries, config, managedByFile, enabled } = instance
    await db.query(
      'connectors.save',
      `insert into connectors
         (id, connector, priority, countries, config, managed_by_file, enabled)
       values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (id) do update set
         connector = excluded.connector, priority = excluded.priority,
         countries = excluded.countries, config = excluded.config,
         managed_by_file = excluded.managed_by_file, enabled = excluded.enabled,
         revision = connectors.revision + 1, updated_at = now()`,
      [
        id,
        connector,
        priority,
        countries,
        keys.seal(JSON.stringify(config), context(id)),
        managedByFile,
        enabled,
      ],
    )
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
})
