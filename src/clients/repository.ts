import type { Db } from '#src/db/contract.ts'
import type { Client } from './contract.ts'

export interface ClientRow {
  client_id: string
  metadata: string
  secret_hashes: string[]
  managed_by_file: boolean
}

/** Relying parties as they are stored. */
export const clientRepository = (db: Db) => ({
  async find(clientId: string): Promise<ClientRow | null> {
    const [row] = await db.query<ClientRow>(
      'clients.find',
      `select client_id, metadata, secret_hashes, managed_by_file
         from clients where client_id = $1`,
      [clientId],
    )
    return row ?? null
  },

  /** Leaves a row that is the same already as it is. */
  async save({ client_id, secret_hashes, managed_by_file, ...metadata }: Client): Promise<void> {
    await db.query(
      'clients.save',
      `insert into clients as c (client_id, metadata, secret_hashes, managed_by_file)
       values ($1, $2, $3, $4)
       on conflict (client_id) do update set metadata = excluded.metadata,
         secret_hashes = excluded.secret_hashes, managed_by_file = excluded.managed_by_file,
         updated_at = now()
       where (c.metadata, c.secret_hashes, c.managed_by_file) is distinct from
             (excluded.metadata, excluded.secret_hashes, excluded.managed_by_file)`,
      [client_id, JSON.stringify(metadata), secret_hashes, managed_by_file],
    )
  },

  /** What the configuration file no longer names is nobody's but the console's from now on. */
  async releaseOthers(clientIds: readonly string[]): Promise<void> {
    await db.query(
      'clients.release',
      `update clients set managed_by_file = false, updated_at = now()
        where managed_by_file and client_id <> all($1::text[])`,
      [clientIds],
    )
  },
})

export const toClient = (row: ClientRow): Client => ({
  ...(JSON.parse(row.metadata) as Omit<Client, 'client_id' | 'secret_hashes' | 'managed_by_file'>),
  client_id: row.client_id,
  secret_hashes: row.secret_hashes,
  managed_by_file: row.managed_by_file,
})
