import type { Db } from '#src/db/contract.ts'
import { revokeAllTrust } from '#src/users/index.ts'
import type { Factor } from '#src/verification/index.ts'

/** A browser in which somebody is signed in. */
export interface PersonSession {
  /** Its uid, which is in no cookie. */
  id: string
  /** The browser as it called itself at the sign-in; null: not known. */
  agent: string | null
  /** Where that sign-in came from. */
  address: string | null
  startedAt: Date | null
  /** When they last proved who they are. */
  signedInAt: Date | null
  /** When it was last used, give or take a minute. */
  lastSeenAt: Date | null
  expiresAt: Date
  clients: readonly string[]
  /** What was proven in it, when. */
  methods: readonly { method: string; at: Date }[]
}

/** An application that somebody uses. */
export interface ConnectedClient {
  clientId: string
  /** What was consented to; empty for those that need not ask. */
  scopes: readonly string[]
  consentedAt: Date | null
  /** Sign-ins that its tokens come from. */
  grants: number
  /** Has refresh tokens, so that it stays connected while the person is away. */
  offline: boolean
}

interface SessionRow {
  uid: string
  payload: string
  authorizations: Record<string, unknown>
  factors: string | null
  agent: string | null
  address: string | null
  started_at: Date | null
  last_seen_at: Date | null
  expires_at: Date
}

const most = 100

const toSession = (row: SessionRow): PersonSession => {
  const { loginTs } = JSON.parse(row.payload) as { loginTs?: number }
  const factors: Factor[] = row.factors ? JSON.parse(row.factors) : []
  const signedInAt = loginTs === undefined ? null : new Date(loginTs * 1000)
  return {
    id: row.uid,
    agent: row.agent,
    address: row.address,
    startedAt: row.started_at ?? signedInAt,
    signedInAt,
    lastSeenAt: row.last_seen_at ?? signedInAt,
    expiresAt: row.expires_at,
    clients: Object.keys(row.authorizations).sort(),
    methods: factors.map(({ method, at }) => ({ method, at: new Date(at) })),
  }
}

/** Where somebody is signed in and which applications act for them, for those who look after them. */
export const personAccess = (db: Db) => ({
  /** A hundred at most, those that last longest first. */
  async sessions(userId: string): Promise<PersonSession[]> {
    const rows = await db.query<SessionRow>(
      'oidc.person.sessions',
      `select uid, payload, authorizations, factors, agent, address, started_at, last_seen_at,
              expires_at
         from oidc_sessions
        where account_id = $1 and expires_at > now()
        order by expires_at desc, uid limit ${most}`,
      [userId],
    )
    return rows.map(toSession)
  },

  /**
   * What was proven in the session that an access token came from; null where it is there no more,
   * without the client in it, or the person may not be signed in.
   */
  async liveFactors(
    userId: string,
    sessionUid: string,
    clientId: string,
  ): Promise<Factor[] | null> {
    const [row] = await db.query<Pick<SessionRow, 'factors'>>(
      'oidc.person.liveFactors',
      `select s.factors from oidc_sessions s join users u on u.id = s.account_id and u.blocked_at is null
        where s.uid = $2 and s.account_id = $1 and s.expires_at > now() and s.authorizations ? $3`,
      [userId, sessionUid, clientId],
    )
    if (!row) return null
    return row.factors ? JSON.parse(row.factors) : []
  },

  /** Notes what was proven in a session after its sign-in, in place of the same from before. */
  async addFactor(userId: string, sessionUid: string, factor: Factor): Promise<void> {
    await db.query(
      'oidc.person.addFactor',
      `update oidc_sessions set factors = (
         select coalesce(jsonb_agg(f order by n), '[]') || $3::jsonb
           from jsonb_array_elements(coalesce(factors, '[]')::jsonb) with ordinality as kept(f, n)
          where f ->> 'method' <> $3::jsonb ->> 'method')::text
        where uid = $2 and account_id = $1`,
      [userId, sessionUid, JSON.stringify(factor)],
    )
  },

  async clients(userId: string): Promise<ConnectedClient[]> {
    return db.query<ConnectedClient>(
      'oidc.person.clients',
      `with live as (
         select client_id, count(*)::int as grants,
                bool_or(exists (select from oidc_tokens t
                                 where t.grant_id = g.id and t.kind = 'RefreshToken'
                                   and t.expires_at > now())) as offline
           from oidc_grants g where account_id = $1 and expires_at > now() group by client_id
       ), allowed as (
         select client_id, scopes, updated_at from consents where user_id = $1
       )
       select client_id as "clientId", coalesce(a.scopes, '{}') as scopes,
              a.updated_at as "consentedAt", coalesce(l.grants, 0) as grants,
              coalesce(l.offline, false) as offline
         from live l full join allowed a using (client_id) order by client_id limit ${most}`,
      [userId],
    )
  },

  /**
   * Ends one session, and with it every token that came from it.
   *
   * @returns false where the person has no such session
   */
  async endSession(userId: string, uid: string): Promise<boolean> {
    const rows = await db.query(
      'oidc.person.endSession',
      `with ended as (
         delete from oidc_sessions where uid = $2 and account_id = $1 returning authorizations
       ), own as (
         select value ->> 'grantId' as id from ended, jsonb_each(ended.authorizations)
       ), tokens as (
         delete from oidc_tokens where account_id = $1 and grant_id in (select id from own)
       ), grants as (
         delete from oidc_grants where account_id = $1 and id in (select id from own)
       )
       select 1 from ended`,
      [userId, uid],
    )
    return rows.length === 1
  },

  /**
   * Ends what one client may do for a person: its grants with all that was issued under them, the
   * consent, and that their sessions know it.
   *
   * @returns false where there was nothing of it
   */
  async removeClient(userId: string, clientId: string): Promise<boolean> {
    const [row] = await db.query<{ had: boolean }>(
      'oidc.person.removeClient',
      `with grants as (
         delete from oidc_grants where account_id = $1 and client_id = $2 returning id
       ), tokens as (
         delete from oidc_tokens
          where grant_id in (select id from grants) or (account_id = $1 and client_id = $2)
       ), devices as (
         delete from oidc_device_codes where grant_id in (select id from grants)
       ), sessions as (
         update oidc_sessions set authorizations = authorizations - $2
          where account_id = $1 and authorizations ? $2 returning 1
       ), allowed as (
         delete from consents where user_id = $1 and client_id = $2 returning 1
       )
       select exists (select from grants) or exists (select from sessions)
              or exists (select from allowed) as had`,
      [userId, clientId],
    )
    return row?.had === true
  },

  /**
   * Ends all sessions of a person, with every grant, token and waiting device, except those of one
   * session; and trusts no browser of theirs any more.
   */
  async endAll(userId: string, exceptSessionUid: string | null = null): Promise<void> {
    await db.query(
      'oidc.person.endAll',
      `with kept as (
         select value ->> 'grantId' as id
           from oidc_sessions s, jsonb_each(s.authorizations)
          where s.uid = $2 and s.account_id = $1 and value ->> 'grantId' is not null
       ), tokens as (
         delete from oidc_tokens where account_id = $1
            and (grant_id is null or grant_id not in (select id from kept))
       ), grants as (
         delete from oidc_grants where account_id = $1 and id not in (select id from kept)
       ), devices as (
         delete from oidc_device_codes where account_id = $1
            and (grant_id is null or grant_id not in (select id from kept))
       )
       delete from oidc_sessions where account_id = $1 and uid is distinct from $2`,
      [userId, exceptSessionUid],
    )
    await revokeAllTrust(db, userId)
  },
})
