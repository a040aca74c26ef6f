import { setImmediate } from 'node:timers/promises'
import type { Logger } from 'pino'
import { auditRepository } from '#src/audit/index.ts'
import type { Db } from '#src/db/contract.ts'
import type { Keyring } from '#src/lib/crypto.ts'
import { Problem } from '#src/lib/problem.ts'
import type { Job, Task } from './contract.ts'
import { fileRepository } from './file-repository.ts'
import { type Taken, workRepository } from './repository.ts'

export interface WorkerDeps {
  db: Db
  keys: Keyring
  tasks: Readonly<Record<string, Task>>
  log: Pick<Logger, 'error'>
}

/** A work that ends its process again and again is not begun once more. */
const mostAttempts = 5

/**
 * Does the work that is waiting, one at a time, until there is none or the process ends. What a
 * process leaves behind, another goes on with.
 */
export const worker = ({ db, keys, tasks, log }: WorkerDeps) => {
  const works = workRepository(db)
  const files = fileRepository(db, keys)

  const finish = async (taken: Taken, error: string | null): Promise<void> => {
    await db.transaction(async (tx) => {
      const work = await workRepository(tx).finish(taken, error)
      if (!work) return
      const { id, kind, state, createdBy, done, added, existing, refused } = work
      await auditRepository(tx).add({
        event: 'work.finished',
        result: state,
        target: id,
        actor: createdBy,
        detail: JSON.stringify({ kind, done, added, existing, refused }),
      })
    })
    await files.clear()
  }

  const perform = async (taken: Taken, task: Task, ending: AbortSignal): Promise<void> => {
    const { work, attempts } = taken
    if (attempts > mostAttempts) {
      return finish(taken, 'It was begun several times and came no further.')
    }
    try {
      const whole = await task(jobOf(taken, ending))
      await (whole ? finish(taken, null) : works.release(taken))
    } catch (error) {
      if (ending.aborted) return
      if (error instanceof Problem && error.status >= 500) throw error
      if (!(error instanceof Problem)) {
        const { message, stack } = error as Error
        log.error({ work: work.id, error: { message, stack } }, 'work failed')
      }
      await finish(taken, wordsOf(error))
    }
  }

  const jobOf = (taken: Taken, ending: AbortSignal): Job => {
    const { id } = taken.work
    return {
      work: taken.work,
      async *file() {
        for (let number = 0; !ending.aborted && (await works.hold(taken)); number++) {
          const piece = await files.read(id, number)
          if (!piece) return
          yield piece
        }
        throw new Problem('unavailable')
      },
      unseen: (tx, marks) => fileRepository(tx, keys).unseen(id, marks),
      setTotal: (total, tx) => (tx ? workRepository(tx) : works).setTotal(id, total),
      async commit(write) {
        // The embedded database answers in no turn of the event loop: without this, nobody else had one.
        await setImmediate()
        if (ending.aborted) return false
        return db.transaction(async (tx) => {
          const own = workRepository(tx)
          if (!(await own.hold(taken))) return false
          const step = await write(tx)
          if (step.piece) await fileRepository(tx, keys).append(id, step.piece)
          await own.advance(id, step)
          return true
        })
      },
    }
  }

  return async (ending: AbortSignal): Promise<void> => {
    while (!ending.aborted) {
      const taken = await works.take(Object.keys(tasks))
      if (!taken) return
      const task = tasks[taken.work.kind]!
      try {
        await perform(taken, task, ending)
      } finally {
        if (ending.aborted) await works.release(taken)
      }
    }
  }
}

const wordsOf = (error: unknown): string => {
  if (!(error instanceof Problem)) return 'Something went wrong on our side.'
  const [fault] = error.errors
  return error.detail ?? (fault ? `${fault.path}: ${fault.message}` : error.message)
}
