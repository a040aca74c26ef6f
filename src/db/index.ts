/**
 * The database: PostgreSQL by `DATABASE_URL`, or an embedded one in a folder. One SQL dialect, one
 * set of migrations, one driver on both. Knex keeps the pool, the transactions and the migrations;
 * what runs often are named statements over the same pool.
 */
export type { Db, Row } from './contract.ts'
export { type Database, openDatabase } from './database.ts'
export { embeddedHolder } from './embedded.ts'
export { exclusively } from './exclusively.ts'
export { isTaken } from './failures.ts'
export { migrate } from './migrate.ts'
export { isReachable, whyUnreachable } from './reachable.ts'
export { afterRequest, asOneRequest, waitOnce } from './request.ts'
export { type SchemaState, schemaState } from './schema.ts'
export { type Condition, newestOf, type Position, type Stretch } from './stretch.ts'
