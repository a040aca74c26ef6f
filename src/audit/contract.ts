import type { Db } from '#src/db/contract.ts'

/** What happened, as whoever did it tells. */
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
  channel?: string | null
  connector?: string | null
  /** ISO 3166, where a phone number says. */
  country?: string | null
  detail?: string | null
  /** Who did it, where that is not the person whom it is about. */
  actor?: { kind: 'client' | 'person'; id: string } | null
  /** What it is about, where that is neither a person nor a client: its id. */
  target?: string | null
}

/** What happened, as the log has it. */
export interface LoggedEvent extends Required<AuditEvent> {
  /** Grows from event to event, with gaps; as text, since it may outgrow a number. */
  id: string
  at: Date
}

/** Somebody whom events are told, each once, in the transaction that moves the cursor. */
export type Consumer = (tx: Db, events: readonly LoggedEvent[]) => Promise<void>
