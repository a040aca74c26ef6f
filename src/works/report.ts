import { csvCell } from '#src/audit/index.ts'
import type { Db } from '#src/db/contract.ts'
import type { Keyring } from '#src/lib/crypto.ts'
import { fileRepository } from './file-repository.ts'
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

/** What a work has written, in the pieces in which it was. */
export async function* writtenFile(
  { db, keys }: { db: Db; keys: Keyring },
  workId: string,
): AsyncGenerator<string> {
  const files = fileRepository(db, keys)
  for (let number = 0; ; number++) {
    const piece = await files.read(workId, number)
    if (!piece) return
    yield piece.toString()
  }
}
