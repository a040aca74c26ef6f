import { auditRepository } from '#src/audit/index.ts'
import type { Db } from '#src/db/contract.ts'
import { factorResetRepository, removeFactors, secondFactorKinds } from '#src/verification/index.ts'
import type { EndAccess } from './api/user-view.ts'

/**
 * Carries out the resets whose wait is over: takes the second factors away and signs the person out,
 * all or nothing. Any number of processes may do it; each reset happens once.
 */
export const completeFactorResets = async (db: Db, endAccess: EndAccess): Promise<void> => {
  for (const id of await factorResetRepository(db).due()) {
    await db.transaction(async (tx) => {
      const userId = await factorResetRepository(tx).complete(id)
      if (userId === null) return
      await removeFactors(tx, userId, secondFactorKinds)
      await endAccess(tx, userId)
      await auditRepository(tx).add({ event: 'factor_reset.completed', userId, target: id })
    })
  }
}
