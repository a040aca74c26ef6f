import { csvCell } from '#src/audit/index.ts'
import type { Db } from '#src/db/contract.ts'
import { workRepository } from './repository.ts'

const batch = 1000

/** What was refused, as CSV: line, what the file calls it, and why. */
export async function* exportRefusals(db: Db, workId: string): AsyncGenerator<string> {
  yield 'line,subject,reason\r\n'
  let after = 0
  for (;;) {
    const rows = await workRepository(db).refusals(workId, after, batch)
    if (rows.length === 0) return
    yield rows
      .map(({ line, subject, reason }) =>
        [String(line), subject ?? '', reason].map(csvCell).join(',').concat('\r\n'),
      )
      .join('')
    after = rows.at(-1)!.number
  }
}
