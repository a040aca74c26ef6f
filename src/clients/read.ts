import type { Db } from '#src/db/contract.ts'
import { Problem } from '#src/lib/problem.ts'
import type { Client, StoredClient } from './contract.ts'
import { clientRepository, type ListedClient } from './repository.ts'

export type { ListedClient } from './repository.ts'

export interface ListOptions {
  /** Part of the name or the id, however it is written. */
  search?: string | null
  /** `createdUs` and id of the last one that is known. */
  after?: readonly [createdUs: number, clientId: string] | null
  limit: number
}

/** Clients, the newest first. */
export const listClients = (
  db: Db,
  { search = null, after = null, limit }: ListOptions,
): Promise<ListedClient[]> => clientRepository(db).list(search, after, limit)

/** A client as it is now, past any cache; null where there is none. */
export const findClient = async (db: Db, clientId: string): Promise<Client | null> =>
  clientRepository(db).find(clientId)

/**
 * The same with its version.
 *
 * @throws Problem `not_found`
 */
export const readClient = async (db: Db, clientId: string): Promise<StoredClient> => {
  const stored = await clientRepository(db).read(clientId)
  if (!stored) throw new Problem('not_found')
  return stored
}
