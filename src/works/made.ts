import type { Db } from '#src/db/contract.ts'
import type { Keyring } from '#src/lib/crypto.ts'
import type { Work } from './contract.ts'
import { fileRepository } from './file-repository.ts'

/** The file that a work has made, a piece at a time. @throws where it ends too early */
export async function* readMade(
  { db, keys }: { db: Db; keys: Keyring },
  { id, bytes }: Work,
): AsyncGenerator<string> {
  const files = fileRepository(db, keys)
  const decoder = new TextDecoder()
  let read = 0
  for (let number = 0; read < bytes; number++) {
    const piece = await files.read(id, number)
    // Half a file looks like a whole one: whoever fetches it has to hear of it.
    if (!piece) throw new Error(`The file of the work ${id} is gone`)
    read += piece.length
    yield decoder.decode(piece, { stream: true })
  }
}
