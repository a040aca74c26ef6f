/**
 * What happened, in order, for those who have to find out later. Append-only, without secrets. It is
 * also what webhooks and statistics are made from: whoever wants to know of events follows the log,
 * instead of being told by each feature.
 */
export type { AuditEvent, Consumer, LoggedEvent } from './contract.ts'
export { csvCell, type ExportFormat, exportEvents, exportFormats } from './export.ts'
export { followRepository } from './follow-repository.ts'
export { personEventRepository } from './person-repository.ts'
export { type Audit, auditRepository, eventWrite } from './repository.ts'
export { retentionRepository } from './retention-repository.ts'
export { auditSearchRepository, type EventFilter, type Position } from './search-repository.ts'
