/**
 * Work that takes longer than a request: what it reads is kept until it ends and what it writes until
 * it was fetched, it is done in parts, each with a note of how far it came, and whatever process there
 * is goes on with it. What the work is, is the business of whoever offers a {@link Task}.
 */
import type { Db } from '#src/db/contract.ts'
import type { Keyring } from '#src/lib/crypto.ts'
import { fileRepository } from './file-repository.ts'
import { workRepository } from './repository.ts'

export type { Job, NewWork, Refusal, Step, Task, Work, WorkState } from './contract.ts'
export { workStates } from './contract.ts'
export { exportRefusals, writtenFile } from './report.ts'
export { type Works, workRepository } from './repository.ts'
export { worker } from './run.ts'
export { beginWork, mostBytes } from './upload.ts'

/** Forgets what nobody needs any more. */
export const sweepWorks = async ({ db, keys }: { db: Db; keys: Keyring }): Promise<void> => {
  await workRepository(db).sweep()
  await fileRepository(db, keys).clear()
}
