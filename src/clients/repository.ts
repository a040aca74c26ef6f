import type { Db } from '#src/db/contract.ts'
import type { Client, ClientSecret, StoredClient } from './contract.ts'

export interface ClientRow {
  client_id: string
  metadata: string
  secrets: ClientSecret[]
  managed_by_file: boolean
}

interface StoredRow extends ClientRow {
  version: number
  created_at: Date
  updated_at: Date
}

/** A client, and where it stands in the list. */
export interface ListedClient extends StoredClient {
  /** Microseconds since 1970: a `Date` knows milliseconds alone, and two rows may share one. */
  createdUs: number
}

const columns = `client_id, metadata, secrets, managed_by_file`
const stored = `${columns}, version, created_at, updated_at`

const valuesOf = ({ client_id, secrets, managed_by_file, ...metadata }: Client) => [
  client_id,
  JSON.stringify(metadata),
  JSON.stringify(secrets),
  managed_by_file,
]

/** Relying parties as they are stored. */
export const clientRepository = (db: Db) => ({
  async find(clientId: string): Promise<Client | null> {
    const [row] = await db.query<ClientRow>(
      'clients.find',
      `select ${columns} from clients where client_id = $1`,
      [clientId],
    )
    return row ? toClient(row) : null
  },

  async read(clientId: string): Promise<StoredClient | null> {
    const [row] = await db.query<StoredRow>(
      'clients.read',
      `select ${stored} from clients where client_id = $1`,
      [clientId],
    )
    return row ? toStored(row) : null
  },

  /** The same for whoever changes it: others wait until the end of the transaction. */
  async lock(clientId: string): Promise<StoredClient | null> {
    const [row] = await db.query<StoredRow>(
      'clients.lock',
      `select ${stored} from clients where client_id = $1 for update`,
      [clientId],
    )
    return row ? toStored(row) : null
  },

  /**
   * The newest first, as many as `limit`, beginning behind `after`.
   *
   * @param search part of the name or the id, however it is written
   */
  async list(
    search: string | null,
    after: readonly [createdUs: number, clientId: string] | null,
    limit: number,
  ): Promise<ListedClient[]> {
    const rows = await db.query<StoredRow & { created_us: number }>(
      'clients.list',
      `select ${stored}, (extract(epoch from created_at) * 1000000)::float8 as created_us
         from clients
        where ($1::text is null or strpos(lower(client_id), lower($1)) > 0
               or strpos(lower(metadata::jsonb ->> 'client_name'), lower($1)) > 0)
          and ($2::bigint is null or (created_at, client_id) <
               (to_timestamp(0) + $2 * interval '1 microsecond', $3::text))
        order by created_at desc, client_id desc limit $4`,
      [search, after?.[0] ?? null, after?.[1] ?? null, limit],
    )
    return rows.map((row) => ({ ...toStored(row), createdUs: row.created_us }))
  },

  /** Leaves a row that is the same already as it is. */
  async save(client: Client): Promise<void> {
    await db.query(
      'clients.save',
      `insert into clients as c (client_id, metadata, secrets, managed_by_file)
       values ($1, $2, $3, $4)
       on conflict (client_id) do update set metadata = excluded.metadata,
         secrets = excluded.secrets, managed_by_file = excluded.managed_by_file,
         version = c.version + 1, updated_at = now()
       where (c.metadata, c.secrets, c.managed_by_file) is distinct from
             (excluded.metadata, excluded.secrets, excluded.managed_by_file)`,
      valuesOf(client),
    )
  },

  /** Null where there is one of that id already. */
  async insert(client: Client): Promise<StoredClient | null> {
    const [row] = await db.query<StoredRow>(
      'clients.insert',
      `insert into clients (client_id, metadata, secrets, managed_by_file)
       values ($1, $2, $3, $4) on conflict (client_id) do nothing returning ${stored}`,
      valuesOf(client),
    )
    return row ? toStored(row) : null
  },

  /** Null where it is no longer there, or no longer this version. */
  async update(client: Client, version: number): Promise<StoredClient | null> {
    const [row] = await db.query<StoredRow>(
      'clients.update',
      `update clients set metadata = $2, secrets = $3, managed_by_file = $4,
              version = version + 1, updated_at = now()
        where client_id = $1 and version = $5 returning ${stored}`,
      [...valuesOf(client), version],
    )
    return row ? toStored(row) : null
  },

  async remove(clientId: string): Promise<void> {
    await db.query('clients.remove', 'delete from clients where client_id = $1', [clientId])
  },

  /** What the configuration file no longer names is nobody's but the console's from now on. */
  async releaseOthers(clientIds: readonly string[]): Promise<void> {
    await db.query(
      'clients.release',
      `update clients set managed_by_file = false, version = version + 1, updated_at = now()
        where managed_by_file and client_id <> all($1::text[])`,
      [clientIds],
    )
  },
})

type Metadata = Omit<Client, 'client_id' | 'secrets' | 'managed_by_file'>

/** What came later than some rows. */
const later = {
  require_authenticator: false,
  second_factor: null,
  backchannel_logout_uri: null,
  backchannel_logout_session_required: false,
}

const toClient = ({ client_id, metadata, secrets, managed_by_file }: ClientRow): Client => ({
  ...later,
  ...(JSON.parse(metadata) as Omit<Metadata, keyof typeof later>),
  client_id,
  secrets,
  managed_by_file,
})

const toStored = (row: StoredRow): StoredClient => ({
  client: toClient(row),
  version: row.version,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})
