import type { Db } from '#src/db/contract.ts'
import { sha256 } from '#src/lib/crypto.ts'
import { type Account, type AccountJson, accountJson, toAccount } from '#src/users/index.ts'
import type { Stored } from './memo.ts'

interface TokenRow {
  payload: string
  consumed: boolean
  grant_payload: string | null
  session_payload: string | null
  authorizations: Stored
  account: AccountJson | null
}

/**
 * What was redeemed counts as consumed 10 s later: until then a second redeemer loses the race and
 * nothing more; from then on a second use is theft, and the library revokes the grant.
 */
export const spent = `coalesce(consumed_at < now() - interval '10 seconds', false) as consumed`

export interface FoundToken {
  payload: Stored
  grant: Stored | null
  session: Stored | null
  account: Account | null
}

/**
 * Authorization codes, refresh tokens and opaque access tokens, by the hash of their value; and the
 * grants that they hang on.
 */
export const tokenRepository = (db: Db) => ({
  /** A code is read by its first redeemer and at once by others, so consumption is conditional. */
  async insert(kind: string, id: string, payload: Stored, ttlSeconds: number): Promise<boolean> {
    const { jti: _, ...kept } = payload
    const rows = await db.query(
      'oidc.token.insert',
      `insert into oidc_tokens
         (id, kind, grant_id, account_id, client_id, session_uid, payload, expires_at)
       select $1, $2, $3, $4, $5, $6, $7, now() + make_interval(secs => $8)
       where $3::text is null or exists (select from oidc_grants where id = $3)
       returning 1`,
      [
        sha256(id),
        kind,
        payload.grantId ?? null,
        payload.accountId ?? null,
        payload.clientId ?? null,
        payload.expiresWithSession ? payload.sessionUid : null,
        JSON.stringify(kept),
        ttlSeconds,
      ],
    )
    return rows.length === 1
  },

  /** The token with its grant and, if it lives no longer than its session, the session. */
  async find(kind: string, id: string): Promise<FoundToken | null> {
    const [row] = await db.query<TokenRow>(
      'oidc.token.find',
      `select t.payload, ${spent},
              g.payload as grant_payload, s.payload as session_payload, s.authorizations,
              ${accountJson('t.account_id')} as account
         from oidc_tokens t
         left join oidc_grants g on g.id = t.grant_id and g.expires_at > now()
         left join oidc_sessions s on s.uid = t.session_uid and s.expires_at > now()
        where t.id = $1 and t.kind = $2 and t.expires_at > now()`,
      [sha256(id), kind],
    )
    if (!row) return null
    const payload: Stored = { ...JSON.parse(row.payload), jti: id }
    if (row.consumed) payload.consumed = true
    return {
      payload,
      grant: row.grant_payload ? JSON.parse(row.grant_payload) : null,
      session: row.session_payload
        ? { ...JSON.parse(row.session_payload), authorizations: row.authorizations }
        : null,
      account: row.account ? toAccount(row.account) : null,
    }
  },

  /** Spends the token; false for everyone but the first. */
  async consume(kind: string, id: string): Promise<boolean> {
    const rows = await db.query(
      'oidc.token.consume',
      `update oidc_tokens set consumed_at = now()
        where id = $1 and kind = $2 and consumed_at is null and expires_at > now()
        returning 1`,
      [sha256(id), kind],
    )
    return rows.length === 1
  },

  async destroy(kind: string, id: string): Promise<void> {
    await db.query('oidc.token.destroy', 'delete from oidc_tokens where id = $1 and kind = $2', [
      sha256(id),
      kind,
    ])
  },

  async revokeByGrantId(kind: string, grantId: string): Promise<void> {
    await db.query(
      'oidc.token.revoke',
      'delete from oidc_tokens where grant_id = $1 and kind = $2',
      [grantId, kind],
    )
  },
})

/** Grants: which scopes and claims one session gave to one client. Their ids are no secrets. */
export const grantRepository = (db: Db) => ({
  async upsert(id: string, payload: Stored, ttlSeconds: number): Promise<void> {
    await db.query(
      'oidc.grant.upsert',
      `insert into oidc_grants (id, account_id, client_id, payload, expires_at)
       values ($1, $2, $3, $4, now() + make_interval(secs => $5))
       on conflict (id) do update set payload = excluded.payload, expires_at = excluded.expires_at`,
      [id, payload.accountId, payload.clientId, JSON.stringify(payload), ttlSeconds],
    )
  },

  async find(id: string): Promise<Stored | null> {
    const [row] = await db.query<{ payload: string }>(
      'oidc.grant.find',
      'select payload from oidc_grants where id = $1 and expires_at > now()',
      [id],
    )
    return row ? JSON.parse(row.payload) : null
  },

  async destroy(id: string): Promise<void> {
    await db.query('oidc.grant.destroy', 'delete from oidc_grants where id = $1', [id])
  },

  /** A grant and all that was issued under it. */
  async revoke(id: string): Promise<void> {
    await db.query(
      'oidc.grant.revoke',
      `with tokens as (delete from oidc_tokens where grant_id = $1)
       delete from oidc_grants where id = $1`,
      [id],
    )
  },
})

export type Grants = ReturnType<typeof grantRepository>
