/** The embedded database's package, which only those who use it load. */
import { setFlagsFromString } from 'node:v8'
import { PGlite } from '@electric-sql/pglite'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'

export type Lite = PGlite

export const openLite = (place: string): Promise<Lite> => {
  // Compiling it once more, and better, costs 60 MB and gains nothing but for large queries.
  for (const flag of ['--liftoff-only', '--no-wasm-tier-up', '--no-wasm-dynamic-tiering']) {
    setFlagsFromString(flag)
  }
  return PGlite.create(place, {
    // A hundred MB less than with the usual 128 MB. The defaults must stay, or it hangs at boot.
    startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=8MB'],
  })
}

/** A provider for knex's `connection`. One config for one PGlite: named statements outlive a client. */
export const connectionTo = (lite: Lite): never => (() => createPgConfig(lite)) as never
