import type { Db } from '#src/db/contract.ts'
import { Problem } from '#src/lib/problem.ts'
import type { Actor, Operation } from '../contract.ts'
import type { AccountDeps } from '../deps.ts'
import { readOwn } from '../own.ts'
import { freshSeconds, isFresh, reachableAcr } from '../policy.ts'

/**
 * Whoever changes their account has proven who they are within five minutes, with the most that they
 * can; to look at it, being signed in will do.
 *
 * @throws Problem `insufficient_scope` or `insufficient_user_authentication`
 */
export const permit =
  ({ settings }: Pick<AccountDeps, 'settings'>) =>
  async (actor: Actor, operation: Operation, db: Db): Promise<void> => {
    if (!actor.scopes.has(operation.scope)) {
      throw new Problem('insufficient_scope', { detail: `It needs ${operation.scope}.` })
    }
    if (operation.method === 'GET') return
    const needed = reachableAcr((await readOwn(db, actor.id)).ways, settings().signIn)
    if (isFresh(actor, needed, new Date())) return
    throw new Problem('insufficient_user_authentication', {
      values: { acr: needed, maxAge: freshSeconds },
    })
  }
