import type { Db } from '#src/db/contract.ts'
import type { AuditEvent } from './contract.ts'
import { given, valuesOf } from './rows.ts'

const parameters = (given.match(/\w+/g) ?? []).map((_, at) => `$${at + 1}`).join(', ')

/** An event as a part of a statement that writes other things too: there with them, or not at all. */
export const eventWrite = (event: AuditEvent) => ({
  text: (condition: string) =>
    `insert into audit_events (${given}) select ${parameters} where ${condition} returning 1`,
  values: valuesOf(event),
})

/** What happened. Rows are added and never changed; that a sign-in is completed, once. */
export const auditRepository = (db: Db) => ({
  async add(event: AuditEvent): Promise<void> {
    await db.query(
      'audit.add',
      `insert into audit_events (${given}) values (${parameters})
       on conflict (interaction_uid) where event = 'sign_in.completed' do nothing`,
      valuesOf(event),
    )
  },

  /** Adds what the log does not have yet about the same target of the same sign-in. */
  async addOnce(event: AuditEvent): Promise<void> {
    await db.query(
      'audit.addOnce',
      `insert into audit_events (${given}) select ${parameters}
        where not exists (select from audit_events
          where interaction_uid = $3 and event = $1 and result = $7 and target = $15)`,
      valuesOf(event),
    )
  },
})

export type Audit = ReturnType<typeof auditRepository>
