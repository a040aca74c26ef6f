import { join } from 'node:path'
import { environment } from './env.ts'

const root = join(import.meta.dirname, '..')
// The command changes into this folder, where no `.env` is.
const connection = environment(root).DATABASE_URL
if (!connection) {
  throw new Error(
    'DATABASE_URL is not set. The embedded database is brought up to date by every start.',
  )
}

/** For the `knex` command. A start migrates by itself; this is for those who migrate before it. */
export default {
  client: 'pg',
  connection,
  migrations: {
    directory: join(root, 'migrations'),
    loadExtensions: ['.ts'],
    extension: 'ts',
    // An older release must start on a newer schema while a deployment rolls on.
    disableMigrationsListValidation: true,
  },
}
