import type { Db } from '#src/db/contract.ts'
import type { Identifier } from './contract.ts'

export interface Invitation {
  id: string
  identifier: Identifier
  clientId: string | null
  createdAt: Date
  expiresAt: Date
  acceptedAt: Date | null
  /** Who has come by it. */
  userId: string | null
}

export interface NewInvitation {
  id: string
  identifier: Identifier
  clientId: string | null
  ttlSeconds: number
}

/** The newest first: microseconds since 1970, and the id. */
export type InvitationKey = readonly [createdAt: string, id: string]

interface Row extends Omit<Invitation, 'identifier'> {
  type: Identifier['type']
  value: string
  display: string
  micros: string
}

const columns = `id, identifier_type as type, identifier_value as value,
  identifier_display as display, client_id as "clientId", created_at as "createdAt",
  expires_at as "expiresAt", accepted_at as "acceptedAt", user_id as "userId",
  (extract(epoch from created_at) * 1000000)::bigint::text as micros`

const toInvitation = ({ type, value, display, micros: _, ...row }: Row): Invitation => ({
  ...row,
  identifier: { type, value, display },
})

/** In microseconds: the year 2286. */
const farAhead = '9999999999999999'

/** Who may register although not everybody may. */
export const invitationRepository = (db: Db) => ({
  /** One that has expired is replaced. @returns null where one is open already */
  async create(invitation: NewInvitation): Promise<Invitation | null> {
    const { id, identifier, clientId, ttlSeconds } = invitation
    const [row] = await db.query<Row>(
      'invitations.create',
      `insert into invitations as i (id, identifier_type, identifier_value, identifier_display,
         client_id, created_at, expires_at)
       values ($1, $2, $3, $4, $5, now(), now() + make_interval(secs => $6))
       on conflict (identifier_type, identifier_value) where accepted_at is null
       do update set id = excluded.id, identifier_display = excluded.identifier_display,
         client_id = excluded.client_id, created_at = excluded.created_at,
         expires_at = excluded.expires_at
       where i.expires_at <= now()
       returning ${columns}`,
      [id, identifier.type, identifier.value, identifier.display, clientId, ttlSeconds],
    )
    return row ? toInvitation(row) : null
  },

  async list(
    after: InvitationKey | null,
    limit: number,
  ): Promise<{ invitation: Invitation; key: InvitationKey }[]> {
    const rows = await db.query<Row>(
      'invitations.list',
      `select ${columns} from invitations
        where (created_at, id)
                < (timestamptz 'epoch' + $1::bigint * interval '1 microsecond', $2)
        order by created_at desc, id desc limit $3`,
      [after?.[0] ?? farAhead, after?.[1] ?? '', limit],
    )
    return rows.map((row) => ({ invitation: toInvitation(row), key: [row.micros, row.id] }))
  },

  async isOpen({ type, value }: Identifier): Promise<boolean> {
    const rows = await db.query(
      'invitations.isOpen',
      `select 1 from invitations where identifier_type = $1 and identifier_value = $2
          and accepted_at is null and expires_at > now()`,
      [type, value],
    )
    return rows.length > 0
  },

  /** Spends an invitation. @returns true for the first alone of those who come with it */
  async accept({ type, value }: Identifier, userId: string): Promise<boolean> {
    const rows = await db.query(
      'invitations.accept',
      `update invitations set accepted_at = now(), user_id = $3
        where identifier_type = $1 and identifier_value = $2
          and accepted_at is null and expires_at > now() returning 1`,
      [type, value, userId],
    )
    return rows.length === 1
  },

  async delete(id: string): Promise<boolean> {
    const rows = await db.query(
      'invitations.delete',
      'delete from invitations where id = $1 returning 1',
      [id],
    )
    return rows.length === 1
  },

  /** An address that nobody has come with is kept for a month after its time. */
  async sweep(): Promise<void> {
    await db.query(
      'invitations.sweep',
      `delete from invitations where id in (
         select id from invitations
          where accepted_at is null and expires_at < now() - interval '30 days' limit 1000)`,
    )
  },
})

export type Invitations = ReturnType<typeof invitationRepository>
