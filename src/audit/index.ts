/** What happened, in order, for those who have to find out later. Append-only, without secrets. */
export { type Audit, type AuditEvent, auditRepository } from './repository.ts'
