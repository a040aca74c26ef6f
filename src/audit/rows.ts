import type { AuditEvent, LoggedEvent } from './contract.ts'

/** Columns that whoever adds an event gives, in the order of {@link valuesOf}. */
export const given = `event, reference, interaction_uid, user_id, client_id, method, result, address,
  channel, connector, country, detail, actor_kind, actor_id, target`

export const valuesOf = (event: AuditEvent): (string | null)[] => [
  event.event,
  event.reference ?? null,
  event.interactionUid ?? null,
  event.userId ?? null,
  event.clientId ?? null,
  event.method ?? null,
  event.result ?? null,
  event.address ?? null,
  event.channel ?? null,
  event.connector ?? null,
  event.country ?? null,
  event.detail ?? null,
  event.actor?.kind ?? null,
  event.actor?.id ?? null,
  event.target ?? null,
]

export interface EventRow {
  id: string
  at: Date
  event: string
  reference: string | null
  interaction_uid: string | null
  user_id: string | null
  client_id: string | null
  method: string | null
  result: string | null
  address: string | null
  channel: string | null
  connector: string | null
  country: string | null
  detail: string | null
  actor_kind: 'client' | 'person' | null
  actor_id: string | null
  target: string | null
}

export const toEvent = (row: EventRow): LoggedEvent => ({
  id: row.id,
  at: row.at,
  event: row.event,
  reference: row.reference,
  interactionUid: row.interaction_uid,
  userId: row.user_id,
  clientId: row.client_id,
  method: row.method,
  result: row.result,
  address: row.address,
  channel: row.channel,
  connector: row.connector,
  country: row.country,
  detail: row.detail,
  actor: row.actor_kind && row.actor_id ? { kind: row.actor_kind, id: row.actor_id } : null,
  target: row.target,
})
