import { Problem } from '#src/lib/problem.ts'
import type { Actor, Operation } from '../contract.ts'
import { refusal } from './policy.ts'

/** @throws Problem `insufficient_scope` or `step_up_required` */
export const permit = async (actor: Actor, operation: Operation): Promise<void> => {
  const refused = refusal(actor, operation, new Date())
  if (!refused) return
  const detail = `It needs ${operation.scope}.`
  throw new Problem(refused, refused === 'insufficient_scope' ? { detail } : {})
}
