import type { Db } from '#src/db/contract.ts'

export interface AuditEvent {
  /** Dotted, such as `sign_in.completed`. */
  event: string
  reference?: string | null
  interactionUid?: string | null
  userId?: string | null
  clientId?: string | null
  method?: string | null
  result?: string | null
  address?: string | null
  detail?: string | null
  /** Who did it, where that is not the person whom it is about. */
  actor?: { kind: 'client' | 'person'; id: string } | null
  /** What it is about, where that is neither a person nor a client: its id. */
  target?: string | null
}

/** What happened. Rows are added and never changed; that a sign-in is completed, once. */
export const auditRepository = (db: Db) => ({
  async add(event: AuditEvent): Promise<void> {
    await db.query(
      'audit.add',
      `insert into audit_events (event, reference, interaction_uid, user_id, client_id, method,
         result, address, detail, actor_kind, actor_id, target)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
       on conflict (interaction_uid) where event = 'sign_in.completed' do nothing`,
      [
        event.event,
        event.reference ?? null,
        event.interactionUid ?? null,
        event.userId ?? null,
        event.clientId ?? null,
        event.method ?? null,
        event.result ?? null,
        event.address ?? null,
        event.detail ?? null,
        event.actor?.kind ?? null,
        event.actor?.id ?? null,
        event.target ?? null,
      ],
    )
  },
})

export type Audit = ReturnType<typeof auditRepository>
