/**
 * How sign-ins fare, in numbers. Events are added up as they come, in the transaction that moves the
 * cursor of the log, so that a report is as quick with ten million events as with ten, and counts
 * each of them once. Days and hours begin by UTC.
 */
export { countEvents } from './consume.ts'
export type { Question } from './period.ts'
export { type Report, reports } from './reports.ts'
export { statisticsRepository } from './repository.ts'
