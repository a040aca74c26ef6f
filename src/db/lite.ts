/** The embedded database's package, which only those who use it load. */
import { PGlite } from '@electric-sql/pglite'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'

export type Lite = PGlite

export const openLite = (place: string): Promise<Lite> =>
  PGlite.create(place, {
    // 206 MB at rest instead of 342 MB. The defaults must stay: without them it hangs at boot.
    startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=8MB'],
  })

/** A provider for knex's `connection`. One config for one PGlite: named statements outlive a client. */
export const connectionTo = (lite: Lite): never => (() => createPgConfig(lite)) as never
