import { isDeepStrictEqual } from 'node:util'
import type { DeclaredClient } from '#config/client-schema.ts'
import type { Db } from '#src/db/contract.ts'
import { waitOnce } from '#src/db/index.ts'
import { cache } from './cache.ts'
import type { Client } from './contract.ts'
import { fromDeclared } from './declared.ts'
import { clientRepository } from './repository.ts'

export interface ClientStoreDeps {
  db: Db
  /** How long a change may go unnoticed by other processes. */
  cacheSeconds?: number
  now?: () => number
}

const remembered = 2000
/** VSCHAR of RFC 6749, appendix A.1. Nothing else is worth a question to the database. */
const possibleId = /^[\x20-\x7e]{1,255}$/

export const clientStore = ({ db, cacheSeconds = 5, now = Date.now }: ClientStoreDeps) => {
  const found = cache<Client | null>({
    size: remembered,
    seconds: cacheSeconds,
    now,
    async load(clientId, before) {
      const client = await clientRepository(db).find(clientId)
      return before && isDeepStrictEqual(before, client) ? before : client
    },
  })

  return {
    /**
     * A client, at most `cacheSeconds` old; unknown ones are remembered as well. As long as nothing
     * changes, the same object: what is made from it can be kept beside it.
     */
    find: async (clientId: string): Promise<Client | null> =>
      possibleId.test(clientId) ? waitOnce(() => found.get(clientId)) : null,

    /**
     * Makes the clients of the configuration file what the file says, and releases those that it no
     * longer names: they stay as they are. Call it in a transaction, in one process at a time.
     */
    async applyFile(tx: Db, declared: readonly DeclaredClient[]): Promise<void> {
      const repository = clientRepository(tx)
      for (const client of declared) await repository.save(fromDeclared(client, true))
      await repository.releaseOthers(declared.map(({ client_id }) => client_id))
      found.clear()
    },

    /** Makes one client what is given, whatever it was. */
    async upsert(tx: Db, client: Client): Promise<void> {
      await clientRepository(tx).save(client)
      found.clear()
    },

    /** Forgets what was looked up: a change that this process has committed is seen at once. */
    refresh: (): void => found.clear(),
  }
}

export type ClientStore = ReturnType<typeof clientStore>
