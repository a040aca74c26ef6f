import type { Db } from '#src/db/contract.ts'
import { Problem } from '#src/lib/problem.ts'
import { touchUser } from '#src/users/index.ts'
import { findPerson, type Person } from '#src/verification/index.ts'
import type { AccountDeps } from './deps.ts'
import { canComeBack, type Ways } from './policy.ts'

/** Somebody, with everything that the decisions about their account are made from. */
export interface Own extends Person {
  ways: Ways
}

/** @throws Problem `not_found` for somebody who is gone */
export const readOwn = async (db: Db, userId: string): Promise<Own> => {
  const person = await findPerson(db, userId)
  if (!person) throw new Problem('not_found')
  const { identifiers, enrolled } = person
  return { ...person, ways: { identifiers, ...enrolled } }
}

/**
 * Lets nobody else change the person until the end of the transaction, and makes sure that they can
 * still sign in once the change is made: of two who each remove the last but one way, one is told.
 *
 * @param change what the ways become by it
 * @throws Problem `last_way`
 */
export const keepAWay = async (
  { settings }: Pick<AccountDeps, 'settings'>,
  tx: Db,
  userId: string,
  change: (own: Own) => Ways,
): Promise<Own> => {
  await touchUser(tx, userId, null)
  const own = await readOwn(tx, userId)
  if (!canComeBack(change(own), settings().signIn)) throw new Problem('last_way')
  return own
}
