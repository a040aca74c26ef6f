import type { Db } from '#src/db/contract.ts'

export interface KeyRow {
  kid: string
  alg: string
  private_jwk: Buffer
  created_at: Date
  signs_from: Date
  /** When it is taken out of the published set; null: not yet decided. */
  retired_at: Date | null
}

/** Signing keys, sealed. Of those of an algorithm, the first signs; all of them verify. */
export const keyRepository = (db: Db) => ({
  /** Those that sign now come first, the newest of them before all. */
  async list(): Promise<KeyRow[]> {
    return db.query<KeyRow>(
      'oidc.keys.list',
      `select kid, alg, private_jwk, created_at, signs_from, retired_at from signing_keys
        where retired_at is null or retired_at > now()
        order by signs_from > now(), signs_from desc, created_at desc, kid`,
    )
  },

  /** Another text as soon as another key signs, or the set is another one. */
  async version(): Promise<string> {
    const [row] = await db.query<{ version: string | null }>(
      'oidc.keys.version',
      `select string_agg(kid, ' ' order by signs_from > now(), signs_from desc, created_at desc, kid)
         as version
         from signing_keys where retired_at is null or retired_at > now()`,
    )
    return row?.version ?? ''
  },

  async insert(kid: string, alg: string, sealed: Buffer, signsInSeconds = 0): Promise<void> {
    await db.query(
      'oidc.keys.insert',
      `insert into signing_keys (kid, alg, private_jwk, signs_from)
       values ($1, $2, $3, now() + make_interval(secs => $4))`,
      [kid, alg, sealed, signsInSeconds],
    )
  },

  /** Takes the others of an algorithm out of the published set after a while. */
  async retireOthers(kid: string, alg: string, afterSeconds: number): Promise<void> {
    await db.query(
      'oidc.keys.retireOthers',
      `update signing_keys set retired_at = now() + make_interval(secs => $3)
        where alg = $2 and kid <> $1
          and (retired_at is null or retired_at > now() + make_interval(secs => $3))`,
      [kid, alg, afterSeconds],
    )
  },

  async reseal(kid: string, sealed: Buffer): Promise<void> {
    await db.query('oidc.keys.reseal', 'update signing_keys set private_jwk = $2 where kid = $1', [
      kid,
      sealed,
    ])
  },

  /** Keys that nobody needs any more are worth nothing but to a thief. */
  async sweep(): Promise<void> {
    await db.query('oidc.keys.sweep', 'delete from signing_keys where retired_at < now()')
  },
})
