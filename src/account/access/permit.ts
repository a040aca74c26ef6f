import type { Db } from '#src/db/contract.ts'
import { Problem } from '#src/lib/problem.ts'
import type { Actor, Operation } from '../contract.ts'
import type { AccountDeps } from '../deps.ts'
import { stepUpOf } from '../fresh.ts'
import { readOwn } from '../own.ts'

/**
 * Whoever changes their account has proven who they are within five minutes, with the most that they
 * can, and their authenticator app; to look at it, being signed in will do.
 *
 * @throws Problem `insufficient_scope` or `insufficient_user_authentication`
 */
export const permit =
  (deps: Pick<AccountDeps, 'settings'>) =>
  async (actor: Actor, operation: Operation, db: Db): Promise<void> => {
    if (!actor.scopes.has(operation.scope)) {
      throw new Problem('insufficient_scope', { detail: `It needs ${operation.scope}.` })
    }
    if (operation.method === 'GET') return
    const asked = stepUpOf(deps, actor, (await readOwn(db, actor.id)).ways)
    if (asked) throw new Problem('insufficient_user_authentication', { values: { ...asked } })
  }
