import type { Db } from '#src/db/contract.ts'
import { type Keyring, randomToken, sha256 } from '#src/lib/crypto.ts'
import type { Role } from '../contract.ts'

export interface ConsoleSession {
  userId: string
  name: string | null
  /** Null for somebody who is no admin any more. */
  role: Role | null
  authenticatedAt: Date
}

interface SessionRow {
  user_id: string
  name: string | null
  role: Role | null
  authenticated_at: Date
}

/** OWASP ASVS 7.3: short where somebody may change everything. */
const idle = '30 minutes'
const absolute = '8 hours'

const context = (id: Buffer) => `console_sessions/${id.toString('hex')}`

const draftContext = (id: Buffer) => `${context(id)}/draft`
const unsentContext = (id: Buffer) => `${context(id)}/unsent`

/** Admins who are signed in to the console. Their cookies are kept as hashes. */
export const consoleSessionRepository = (db: Db, keys: Keyring) => ({
  /** @returns the cookie's value */
  async begin(userId: string, idToken: string, authenticatedAt: Date): Promise<string> {
    const token = randomToken()
    const id = sha256(token)
    await db.query(
      'console.begin',
      `insert into console_sessions (id, user_id, id_token, authenticated_at)
       values ($1, $2, $3, $4)`,
      [id, userId, keys.seal(idToken, context(id)), authenticatedAt],
    )
    return token
  },

  /** Also in a session that has ended by itself: its person may be back in a moment. */
  async keepUnsent(token: string, unsent: string): Promise<boolean> {
    const id = sha256(token)
    const rows = await db.query(
      'console.keepUnsent',
      'update console_sessions set unsent = $2 where id = $1 returning 1',
      [id, keys.seal(unsent, unsentContext(id))],
    )
    return rows.length === 1
  },

  /** Reads it for the last time; null where it is somebody else's. */
  async takeUnsent(token: string, userId: string): Promise<string | null> {
    const id = sha256(token)
    const [row] = await db.query<{ unsent: Buffer | null }>(
      'console.takeUnsent',
      `with kept as (select unsent from console_sessions where id = $1 for update)
       update console_sessions set unsent = null from kept
        where id = $1 and user_id = $2 returning kept.unsent`,
      [id, userId],
    )
    return row?.unsent ? keys.open(row.unsent, unsentContext(id)) : null
  },

  /** The session of a cookie, unless it has ended or its person is blocked. Counts as use. */
  async find(token: string): Promise<ConsoleSession | null> {
    const [row] = await db.query<SessionRow>(
      'console.find',
      `with used as (
         update console_sessions set used_at = now()
          where id = $1 and used_at < now() - interval '1 minute'
            and used_at > now() - interval '${idle}'
       )
       select s.user_id, s.authenticated_at, u.name, a.role
         from console_sessions s
         join users u on u.id = s.user_id
         left join admins a on a.user_id = s.user_id
        where s.id = $1 and s.used_at > now() - interval '${idle}'
          and s.created_at > now() - interval '${absolute}' and u.blocked_at is null`,
      [sha256(token)],
    )
    return row
      ? {
          userId: row.user_id,
          name: row.name,
          role: row.role,
          authenticatedAt: row.authenticated_at,
        }
      : null
  },

  /** @returns the ID token to sign out with, or null when there is no such session */
  async end(token: string): Promise<string | null> {
    const id = sha256(token)
    const [row] = await db.query<{ id_token: Buffer }>(
      'console.end',
      'delete from console_sessions where id = $1 returning id_token',
      [id],
    )
    return row ? keys.open(row.id_token, context(id)) : null
  },

  /** Keeps what somebody is typing, in place of what was kept before. */
  async keepDraft(token: string, draft: string): Promise<void> {
    const id = sha256(token)
    await db.query('console.keepDraft', 'update console_sessions set draft = $2 where id = $1', [
      id,
      keys.seal(draft, draftContext(id)),
    ])
  },

  async draft(token: string): Promise<string | null> {
    const id = sha256(token)
    const [row] = await db.query<{ draft: Buffer | null }>(
      'console.draft',
      'select draft from console_sessions where id = $1',
      [id],
    )
    return row?.draft ? keys.open(row.draft, draftContext(id)) : null
  },

  async sweep(): Promise<void> {
    await db.query(
      'console.sweep',
      `delete from console_sessions where id in (select id from console_sessions
         where created_at < now() - interval '${absolute}' limit 1000)`,
    )
  },
})

export type ConsoleSessions = ReturnType<typeof consoleSessionRepository>
