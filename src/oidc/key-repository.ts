import type { Db } from '#src/db/contract.ts'

export interface KeyRow {
  kid: string
  alg: string
  private_jwk: Buffer
  created_at: Date
}

/** Signing keys, sealed. The newest of an algorithm signs; the others still verify. */
export const keyRepository = (db: Db) => ({
  async list(): Promise<KeyRow[]> {
    return db.query<KeyRow>(
      'oidc.keys.list',
      `select kid, alg, private_jwk, created_at from signing_keys
        where retired_at is null order by created_at desc, kid`,
    )
  },

  async insert(kid: string, alg: string, sealed: Buffer): Promise<void> {
    await db.query(
      'oidc.keys.insert',
      'insert into signing_keys (kid, alg, private_jwk) values ($1, $2, $3)',
      [kid, alg, sealed],
    )
  },

  async reseal(kid: string, sealed: Buffer): Promise<void> {
    await db.query('oidc.keys.reseal', 'update signing_keys set private_jwk = $2 where kid = $1', [
      kid,
      sealed,
    ])
  },
})
