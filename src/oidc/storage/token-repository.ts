import { errors } from 'oidc-provider'
import type { Db } from '#src/db/contract.ts'
import { sha256 } from '#src/lib/crypto.ts'
import { type Account, type AccountJson, accountJson, toAccount } from '#src/users/index.ts'
import type { Stored } from './memo.ts'
import type { Write } from './unit-repository.ts'

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

const lost = () => new errors.InvalidGrant('grant request is invalid')

/** Issues a token, unless its grant has been revoked meanwhile. A grant of the same unit is there. */
export const issueToken = (
  kind: string,
  id: string,
  { jti: _, ...payload }: Stored,
  ttlSeconds: number,
  grantIsNew: boolean,
): Write => ({
  name: 'issue',
  text: (condition) =>
    `insert into oidc_tokens
       (id, kind, grant_id, account_id, client_id, session_uid, payload, expires_at)
     select $1, $2, $3, $4, $5, $6, $7, now() + make_interval(secs => $8)
      where ${condition}
        and ($9 or $3::text is null or exists (select from oidc_grants where id = $3))
     returning 1`,
  values: [
    sha256(id),
    kind,
    payload.grantId ?? null,
    payload.accountId ?? null,
    payload.clientId ?? null,
    payload.expiresWithSession ? payload.sessionUid : null,
    JSON.stringify(payload),
    ttlSeconds,
    grantIsNew,
  ],
  lost,
})

/** Spends a token; done for the first alone of those who bring it. */
export const spendToken = (kind: string, id: string): Write => ({
  name: 'spend',
  text: (condition) =>
    `update oidc_tokens set consumed_at = now()
      where id = $1 and kind = $2 and consumed_at is null and expires_at > now() and ${condition}
     returning 1`,
  values: [sha256(id), kind],
  lost,
  gate: true,
})

/** Keeps a grant as it is now. */
export const keepGrant = (id: string, payload: Stored, ttlSeconds: number): Write => ({
  name: 'grant',
  text: (condition) =>
    `insert into oidc_grants (id, account_id, client_id, payload, expires_at)
     select $1, $2, $3, $4, now() + make_interval(secs => $5) where ${condition}
     on conflict (id) do update set payload = excluded.payload, expires_at = excluded.expires_at
     returning 1`,
  values: [id, payload.accountId, payload.clientId, JSON.stringify(payload), ttlSeconds],
  lost,
})

/**
 * Authorization codes, refresh tokens and opaque access tokens, by the hash of their value; and the
 * grants that they hang on.
 */
export const tokenRepository = (db: Db) => ({
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
