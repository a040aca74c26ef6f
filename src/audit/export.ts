import type { Db } from '#src/db/contract.ts'
import type { LoggedEvent } from './contract.ts'
import { auditSearchRepository, type EventFilter, type Position } from './search-repository.ts'

export const exportFormats = { csv: 'text/csv', ndjson: 'application/x-ndjson' } as const
export type ExportFormat = keyof typeof exportFormats

const batch = 500

const columns = [
  'id',
  'at',
  'event',
  'result',
  'actorKind',
  'actorId',
  'userId',
  'clientId',
  'interaction',
  'method',
  'channel',
  'connector',
  'country',
  'address',
  'reference',
  'target',
  'detail',
] as const

/** Spreadsheets take what begins so for a formula. */
const formula = /^[=+\-@\t\r\0]/

/** One cell of a CSV file (RFC 4180) that no spreadsheet computes. */
export const csvCell = (value: string): string => {
  const safe = formula.test(value) ? `'${value}` : value
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

const csvLine = (cells: readonly string[]): string => `${cells.map(csvCell).join(',')}\r\n`

const csvOf = (event: LoggedEvent): string =>
  csvLine([
    event.id,
    event.at.toISOString(),
    event.event,
    event.result ?? '',
    event.actor?.kind ?? '',
    event.actor?.id ?? '',
    event.userId ?? '',
    event.clientId ?? '',
    event.interactionUid ?? '',
    event.method ?? '',
    event.channel ?? '',
    event.connector ?? '',
    event.country ?? '',
    event.address ?? '',
    event.reference ?? '',
    event.target ?? '',
    event.detail ?? '',
  ])

/**
 * Everything that a filter finds, the newest first, in pieces: a piece is read when the one before
 * has been taken, so that an export of any length needs little memory.
 *
 * @param present an event as one line of NDJSON
 */
export async function* exportEvents(
  db: Db,
  filter: EventFilter,
  format: ExportFormat,
  present: (event: LoggedEvent) => unknown,
): AsyncGenerator<string> {
  const search = auditSearchRepository(db)
  const write =
    format === 'csv' ? csvOf : (event: LoggedEvent) => `${JSON.stringify(present(event))}\n`
  if (format === 'csv') yield csvLine(columns)
  let after: Position | null = null
  do {
    const { events, next } = await search.list(filter, batch, after)
    if (events.length > 0) yield events.map(({ event }) => write(event)).join('')
    after = next
  } while (after)
}
