import { endConsole } from './admin/index.ts'
import type { Db } from './db/contract.ts'
import { endSignIns } from './interaction/index.ts'
import { personAccess } from './oidc/index.ts'

/**
 * Ends all that somebody is signed in to, here and in applications, and is about to be, except one
 * sign-in or one session with what hangs on it.
 */
export const signOutEverywhere = async (
  db: Db,
  userId: string,
  except: { signIn?: string | null; session?: string | null } = {},
): Promise<void> => {
  await endSignIns(db, userId, except.signIn)
  await personAccess(db).endAll(userId, except.session)
  // It has sessions of its own.
  await endConsole(db, userId)
}
