import { auditRepository } from '#src/audit/index.ts'
import { Problem } from '#src/lib/problem.ts'
import { ownUserRepository } from '#src/users/index.ts'
import type { AccountDeps } from '../deps.ts'

const batch = 100

/**
 * Deletes the accounts whose time has come. Any number of processes may do so at once. Whoever has
 * become the last owner meanwhile stays until there is another.
 */
export const deleteLeaving = async (
  deps: Pick<AccountDeps, 'db' | 'endOthers' | 'keepAnOwner'>,
): Promise<void> => {
  for (const userId of await ownUserRepository(deps.db).leaving(batch)) {
    await deps.db
      .transaction(async (tx) => {
        await deps.keepAnOwner(tx, userId)
        if (!(await ownUserRepository(tx).deleteLeaving(userId))) return
        await deps.endOthers(tx, userId, null)
        const detail = JSON.stringify({ by: 'person' })
        await auditRepository(tx).add({ event: 'user.deleted', userId, detail })
      })
      .catch((error: unknown) => {
        if (!(error instanceof Problem && error.code === 'last_owner')) throw error
      })
  }
}
