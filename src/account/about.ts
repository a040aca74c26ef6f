import type { AuditEvent } from '#src/audit/index.ts'
import type { Actor, Origin } from './contract.ts'

/** Of every event of an account: whose it is, and where it was done. */
export const about = (
  { id, clientId }: Actor,
  origin: Origin,
): Pick<AuditEvent, 'userId' | 'clientId' | 'address' | 'reference'> => ({
  userId: id,
  clientId,
  ...origin,
})
