import { errors } from 'oidc-provider'
import type { Db } from '#src/db/contract.ts'
import { sha256 } from '#src/lib/crypto.ts'
import { type Account, type AccountJson, accountJson, toAccount } from '#src/users/index.ts'
import { type SetUp, secondFactorsOf } from '#src/verification/index.ts'
import type { Stored } from './memo.ts'
import type { Write } from './unit-repository.ts'

interface SessionRow {
  payload: string
  authorizations: Stored
  factors: string | null
}

export interface FoundSession {
  payload: Stored
  /** What was proven in this session, as JSON that the sign-in has left. */
  factors: string | null
}

interface BesideRow extends SetUp {
  account: AccountJson | null
  grants: string[]
}

/** What one read of a session brings along. */
interface Beside {
  account: Account | null
  setUp: SetUp
  grants: Stored[]
}

const restore = (row: SessionRow | undefined): FoundSession | null => {
  if (!row) return null
  const payload = JSON.parse(row.payload)
  if (Object.keys(row.authorizations).length > 0) payload.authorizations = row.authorizations
  return { payload, factors: row.factors }
}

const dismantle = ({ jti: _, authorizations, ...payload }: Stored) => ({
  accountId: payload.accountId ?? null,
  payload: JSON.stringify(payload),
  authorizations: JSON.stringify(authorizations ?? {}),
})

const lost = () => new errors.SessionNotFound('the session was ended meanwhile')

/** What a sign-in leaves with its session. */
export interface Proven {
  /** JSON; null: somebody comes back who was signed in already. */
  factors: string | null
  /** The browser as it calls itself, and where it was. */
  agent: string | null
  address: string | null
}

/** Keeps a session for the first time. */
export const beginSession = (
  id: string,
  session: Stored,
  { factors, agent, address }: Proven,
  ttlSeconds: number,
): Write => {
  const { accountId, payload, authorizations } = dismantle(session)
  return {
    name: 'begin',
    text: (condition) =>
      `insert into oidc_sessions
         (uid, id, account_id, payload, authorizations, factors, agent, address, expires_at)
       select $1, $2, $3, $4, $5, $6, $7, $8, now() + make_interval(secs => $9) where ${condition}
       returning 1`,
    values: [
      session.uid,
      sha256(id),
      accountId,
      payload,
      authorizations,
      factors,
      agent,
      address,
      ttlSeconds,
    ],
    lost,
  }
}

/**
 * Merges the clients that a session knows, so that two tabs lose nothing, and drops those that this
 * request has signed out. A session that was ended meanwhile is not brought back.
 */
export const continueSession = (
  id: string,
  session: Stored,
  dropped: readonly string[],
  { factors, agent, address }: Proven,
  ttlSeconds: number,
): Write => {
  const { accountId, payload, authorizations } = dismantle(session)
  return {
    name: 'continue',
    text: (condition) =>
      `update oidc_sessions
          set id = $2, account_id = $3, payload = $4,
              authorizations = (authorizations || $5::jsonb) - $6::text[],
              factors = coalesce($7, factors),
              agent = case when $7::text is null then agent else $8 end,
              address = case when $7::text is null then address else $9 end,
              started_at = case when account_id is distinct from $3 then now() else started_at end,
              last_seen_at = now(), expires_at = now() + make_interval(secs => $10)
        where uid = $1 and ${condition}
       returning 1`,
    values: [
      session.uid,
      sha256(id),
      accountId,
      payload,
      authorizations,
      dropped,
      factors,
      agent,
      address,
      ttlSeconds,
    ],
    lost,
  }
}

/** As many clients of a session as one person usually goes between. */
const fewGrants = 8

/** Browser sessions, by the hash of the cookie's value. The uid stays as the value is renewed. */
export const sessionRepository = (db: Db) => ({
  /** The session with its person and its grants, which the request will ask for next. */
  async find(id: string): Promise<(FoundSession & Beside) | null> {
    const [row] = await db.query<SessionRow & BesideRow>(
      'oidc.session.find',
      `select s.payload, s.authorizations, s.factors, ${accountJson('s.account_id')} as account,
              ${secondFactorsOf('s.account_id')},
              array(select g.payload from oidc_grants g
                     where g.expires_at > now() and g.id in (
                       select value ->> 'grantId' from jsonb_each(s.authorizations))
                     limit ${fewGrants}) as grants
         from oidc_sessions s where s.id = $1 and s.expires_at > now()`,
      [sha256(id)],
    )
    const found = restore(row)
    if (!row || !found) return null
    found.payload.jti = id
    return {
      ...found,
      account: row.account ? toAccount(row.account) : null,
      setUp: { totp: row.totp, passkey: row.passkey },
      grants: row.grants.map((payload) => JSON.parse(payload)),
    }
  },

  /** The session of somebody who may be signed in, in one look. */
  async findLive(
    id: string,
  ): Promise<{ userId: string; uid: string; payload: Stored; factors: string | null } | null> {
    const [row] = await db.query<{
      userId: string
      uid: string
      payload: string
      factors: string | null
    }>(
      'oidc.session.findLive',
      `select s.account_id as "userId", s.uid, s.payload, s.factors
         from oidc_sessions s join users u on u.id = s.account_id and u.blocked_at is null
        where s.id = $1 and s.expires_at > now()`,
      [sha256(id)],
    )
    return row ? { ...row, payload: JSON.parse(row.payload) } : null
  },

  async findByUid(uid: string): Promise<FoundSession | null> {
    const [row] = await db.query<SessionRow>(
      'oidc.session.findByUid',
      `select payload, authorizations, factors from oidc_sessions
        where uid = $1 and expires_at > now()`,
      [uid],
    )
    return restore(row)
  },

  async destroy(id: string): Promise<void> {
    await db.query('oidc.session.destroy', 'delete from oidc_sessions where id = $1', [sha256(id)])
  },

  async destroyByUid(uid: string): Promise<void> {
    await db.query('oidc.session.destroyByUid', 'delete from oidc_sessions where uid = $1', [uid])
  },
})

export type Sessions = ReturnType<typeof sessionRepository>
