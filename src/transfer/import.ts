import { z } from 'zod'
import { type Db, isTaken } from '#src/db/index.ts'
import { userImportRepository } from '#src/users/index.ts'
import type { PasswordMethod } from '#src/verification/index.ts'
import type { Job, Refusal, Step, Task } from '#src/works/index.ts'
import { type Entry, formats, type Unread } from './contract.ts'
import { readers } from './formats/index.ts'
import { type Prepared, prepare } from './prepare.ts'
import { type Fate, sortPeople } from './sort.ts'
import { refuse } from './text.ts'

const optionsOf = z.object({ format: z.enum(formats), dryRun: z.boolean() })

/** So many are added in one transaction. */
const atOnce = 200
/** Of two who claim the same at the same moment, the second looks once more. */
const tries = 3

/**
 * The task `users.import`: adds the people of a file, each once, however often it is interrupted.
 * Whoever can not be added is in the report, and keeps nobody else from it.
 */
export const importUsers =
  (passwords: Pick<PasswordMethod, 'adopt' | 'storeAll'>): Task =>
  async (job) => {
    const { format, dryRun } = optionsOf.parse(job.work.options)
    const read = readers[format]
    // Nobody is added from a file that turns out to be broken at its end.
    let total = 0
    for await (const _ of read(job.file())) total += 1
    if (total === 0) refuse('There is nobody in this file. Is it of the format that was chosen?')
    await job.setTotal(total)

    const before = job.work.done
    let met = 0
    let batch: (Entry | Unread)[] = []
    const add = async () => addSome(job, passwords, batch, dryRun)
    for await (const each of read(job.file())) {
      if (met++ < before) continue
      batch.push(each)
      if (batch.length < atOnce) continue
      if (!(await add())) return false
      batch = []
    }
    return batch.length === 0 || add()
  }

interface Ready extends Pick<Entry, 'line' | 'subject'> {
  prepared: Prepared
}

const addSome = async (
  job: Job,
  passwords: Pick<PasswordMethod, 'adopt' | 'storeAll'>,
  batch: readonly (Entry | Unread)[],
  dryRun: boolean,
): Promise<boolean> => {
  const refused: Refusal[] = []
  const ready: Ready[] = []
  for (const each of batch) {
    const { line } = each
    const subject = each.subject === null ? null : storable(each.subject.slice(0, 256))
    const prepared = 'fault' in each ? each.fault : prepare(each.person, passwords)
    if (typeof prepared === 'string') refused.push({ line, subject, reason: storable(prepared) })
    else ready.push({ line, subject, prepared })
  }
  const people = ready.map(({ prepared }) => prepared)

  const write = async (tx: Db): Promise<Step> => {
    const unseen = dryRun ? (marks: readonly Buffer[]) => job.unseen(tx, marks) : null
    const fates = await sortPeople(tx, people, unseen)
    const added = people.filter((_, at) => fates[at] === 'new')
    if (!dryRun && added.length > 0) {
      await userImportRepository(tx).add(added)
      const hashes = added.map(({ id, hash }) => ({ userId: id, hash }))
      await passwords.storeAll(tx, hashes.filter(hasHash))
    }
    const late = ready.flatMap(({ line, subject }, at): Refusal[] => {
      const fate: Fate = fates[at]!
      return typeof fate === 'string' ? [] : [{ line, subject, reason: fate.refused }]
    })
    return {
      done: batch.length,
      added: added.length,
      existing: fates.filter((fate) => fate === 'existing').length,
      refused: [...refused, ...late].sort((a, b) => a.line - b.line),
    }
  }

  for (let left = tries; ; left--) {
    try {
      return await job.commit(write)
    } catch (error) {
      if (!isTaken(error) || left === 1) throw error
    }
  }
}

const hasHash = (each: {
  userId: string
  hash: string | null
}): each is { userId: string; hash: string } => each.hash !== null

/** Words with pieces of the file in them: what no text of the database can hold is left out. */
const storable = (text: string): string => text.replaceAll('\0', '').toWellFormed()
