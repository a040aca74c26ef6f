import { z } from 'zod'
import { userExportRepository } from '#src/users/index.ts'
import type { PasswordMethod } from '#src/verification/index.ts'
import type { Step, Task } from '#src/works/index.ts'
import { type ExportFormat, exportFormats } from './contract.ts'
import { exportPiece } from './export.ts'

const optionsOf = z.object({
  format: z.enum(Object.keys(exportFormats) as [ExportFormat]),
  passwords: z.boolean(),
})

const nothing: Step = { done: 0, added: 0, existing: 0, refused: [] }

/**
 * The task `users.export`: writes everybody into a file, each once, however often it is interrupted.
 * Whoever comes or goes meanwhile may be in it or not.
 */
export const exportTask =
  (methods: Pick<PasswordMethod, 'reveal'>): Task =>
  async (job) => {
    const { format, ...options } = optionsOf.parse(job.work.options)
    const passwords = options.passwords ? methods : null
    let { done, position: after } = job.work
    if (job.work.total === null) {
      let total = 0
      const counted = await job.commit(async (tx) => {
        total = await userExportRepository(tx).count()
        return nothing
      })
      if (!counted) return false
      await job.setTotal(total)
    }
    for (let more = true; more; ) {
      let piece = { people: 0, last: '', more: false }
      const written = await job.commit(async (tx) => {
        const { text, ...rest } = await exportPiece(tx, format, passwords, after)
        piece = rest
        const step = { ...nothing, done: rest.people, position: rest.last }
        return text === '' ? step : { ...step, made: Buffer.from(text) }
      })
      if (!written) return false
      after = piece.last
      done += piece.people
      more = piece.more
    }
    await job.setTotal(done)
    return true
  }
