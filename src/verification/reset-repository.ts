import { randomUUID } from 'node:crypto'
import type { Db } from '#src/db/contract.ts'

/** What somebody has asked for who has lost all their second factors. */
export interface FactorReset {
  id: string
  state: 'requested' | 'approved'
  requestedAt: Date
  /** When it is carried out; null until it is approved. */
  dueAt: Date | null
}

/** For the audit log. */
export interface ResetOrigin {
  clientId?: string | null
  interactionUid?: string | null
  address?: string | null
  reference?: string | null
}

const open = `state in ('requested', 'approved')`

/**
 * Resets of second factors that people ask for. One is open for a person at a time; each change of
 * its state is one statement, so that of any number at once one is made, and an end is an end.
 */
export const factorResetRepository = (db: Db) => ({
  async find(userId: string): Promise<FactorReset | null> {
    const [row] = await db.query<FactorReset>(
      'factorResets.find',
      `select id, state, requested_at as "requestedAt", due_at as "dueAt"
         from factor_resets where user_id = $1 and ${open}`,
      [userId],
    )
    return row ?? null
  },

  /** Asks for one, unless one is open already; it is in the audit log with it. */
  async request(userId: string, origin: ResetOrigin): Promise<boolean> {
    const rows = await db.query(
      'factorResets.request',
      `with asked as (
         insert into factor_resets (id, user_id) select $2, id from users where id = $1
         on conflict do nothing returning id, user_id
       )
       insert into audit_events (event, user_id, target, client_id, interaction_uid, address,
           reference)
       select 'factor_reset.requested', user_id, id, $3, $4, $5, $6 from asked returning 1`,
      [userId, randomUUID(), ...given(origin)],
    )
    return rows.length === 1
  },

  /** @returns false where there is none that waits for it */
  async approve(userId: string, id: string, waitHours: number): Promise<boolean> {
    const rows = await db.query(
      'factorResets.approve',
      `update factor_resets set state = 'approved', decided_at = now(),
              due_at = now() + make_interval(hours => $3)
        where user_id = $1 and id = $2 and state = 'requested' returning 1`,
      [userId, id, waitHours],
    )
    return rows.length === 1
  },

  /** Also takes an approval back. @returns false where none is open */
  async deny(userId: string, id: string): Promise<boolean> {
    const rows = await db.query(
      'factorResets.deny',
      `update factor_resets set state = 'denied', decided_at = now(), ended_at = now()
        where user_id = $1 and id = $2 and ${open} returning 1`,
      [userId, id],
    )
    return rows.length === 1
  },

  /**
   * The person has a second factor after all, or says that it was not them. In the audit log with it.
   *
   * @returns false where none is open
   */
  async cancel(userId: string, origin: ResetOrigin): Promise<boolean> {
    const rows = await db.query(
      'factorResets.cancel',
      `with ended as (
         update factor_resets set state = 'cancelled', ended_at = now()
          where user_id = $1 and ${open} returning id, user_id
       )
       insert into audit_events (event, user_id, target, client_id, interaction_uid, address,
           reference)
       select 'factor_reset.cancelled', user_id, id, $2, $3, $4, $5 from ended returning 1`,
      [userId, ...given(origin)],
    )
    return rows.length === 1
  },

  /** Those whose wait is over. */
  async due(): Promise<string[]> {
    const rows = await db.query<{ id: string }>(
      'factorResets.due',
      `select id from factor_resets where state = 'approved' and due_at <= now()
        order by due_at limit 100`,
    )
    return rows.map(({ id }) => id)
  },

  /** @returns whose it is, or null where it was carried out or ended meanwhile */
  async complete(id: string): Promise<string | null> {
    const [row] = await db.query<{ user_id: string }>(
      'factorResets.complete',
      `update factor_resets set state = 'completed', ended_at = now()
        where id = $1 and state = 'approved' and due_at <= now() returning user_id`,
      [id],
    )
    return row?.user_id ?? null
  },
})

const given = (origin: ResetOrigin) => [
  origin.clientId ?? null,
  origin.interactionUid ?? null,
  origin.address ?? null,
  origin.reference ?? null,
]

export type FactorResets = ReturnType<typeof factorResetRepository>
