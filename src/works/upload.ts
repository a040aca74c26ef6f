import type { Db } from '#src/db/contract.ts'
import type { Keyring } from '#src/lib/crypto.ts'
import { Problem } from '#src/lib/problem.ts'
import type { NewWork, Work } from './contract.ts'
import { fileRepository, pieceBytes } from './file-repository.ts'
import { workRepository } from './repository.ts'

/** The longest file that is taken. */
export const mostBytes = 512 * 1024 * 1024

/**
 * Begins work with its file, as it comes. Where the file breaks off, nothing is left of it.
 *
 * @throws Problem `too_large`; `invalid_input` for an empty file; `conflict` when it was cancelled
 */
export const beginWork = async (
  { db, keys }: { db: Db; keys: Keyring },
  given: NewWork,
  file: AsyncIterable<Buffer>,
): Promise<Work> => {
  const works = workRepository(db)
  const files = fileRepository(db, keys)
  const id = await works.create(given)
  try {
    let number = 0
    let bytes = 0
    for await (const piece of pieces(file)) {
      bytes += piece.length
      if (bytes > mostBytes) throw new Problem('too_large')
      if (!(await files.add(id, number++, piece))) throw new Problem('work_ended')
    }
    if (bytes === 0) {
      const message = 'is empty'
      throw new Problem('invalid_input', { errors: [{ path: 'file', message }] })
    }
    if (!(await works.ready(id))) throw new Problem('work_ended')
  } catch (error) {
    // The sweep does it otherwise.
    await works.cancel(id).catch(() => {})
    throw error
  }
  return (await works.find(id))!
}

/** The same bytes in pieces of one size, the last one excepted. */
async function* pieces(file: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = []
  let size = 0
  for await (const part of file) {
    held.push(part)
    size += part.length
    while (size >= pieceBytes) {
      const all = Buffer.concat(held)
      yield all.subarray(0, pieceBytes)
      held = [all.subarray(pieceBytes)]
      size -= pieceBytes
    }
  }
  if (size > 0) yield Buffer.concat(held)
}
