import { z } from 'zod'
import { auditRepository } from '#src/audit/index.ts'
import { Problem } from '#src/lib/problem.ts'
import { ownUserRepository } from '#src/users/index.ts'
import { about } from '../about.ts'
import { operation } from '../contract.ts'
import type { AccountDeps } from '../deps.ts'
import { instant } from '../person.ts'

/** Leaving. Whoever signs in again before the time has come keeps the account. */
export const deletionOperations = (deps: AccountDeps) => ({
  request: operation({
    id: 'deletion.request',
    method: 'POST',
    path: '/deletion',
    scope: 'account:write',
    summary:
      'Has the account deleted after some days, and signs out everywhere; to sign in again before takes it back.',
    answer: z.object({ deleteAt: instant }),
    async run({ db, actor, origin }) {
      const { deletion, graceDays } = deps.settings().account
      if (deletion === 'off') throw new Problem('not_found')
      await deps.keepAnOwner(db, actor.id)
      const deleteAt = await ownUserRepository(db).leave(actor.id, graceDays)
      if (!deleteAt) throw new Problem('not_found')
      await auditRepository(db).add({
        ...about(actor, origin),
        event: 'account.deletion_requested',
        detail: JSON.stringify({ deleteAt: deleteAt.toISOString() }),
      })
      await deps.endOthers(db, actor.id, null)
      return { deleteAt }
    },
  }),
})
