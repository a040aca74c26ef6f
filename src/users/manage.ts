import { type Db, isTaken } from '#src/db/index.ts'
import { Problem } from '#src/lib/problem.ts'
import type { IdentifierType } from './contract.ts'
import { readIdentifier } from './identifier.ts'
import {
  type ManagedUser,
  managedUserRepository,
  type NewUser,
  type UserPatch,
} from './manage-repository.ts'
import { revokeAllTrust } from './trusted-browser-repository.ts'

/** As an admin gives it. */
export interface GivenIdentifier {
  type: IdentifierType
  value: string
  /** The admin knows that it is the person's: a message to it may sign them in. */
  verified: boolean
}

/** @throws Problem `not_found` */
export const findManagedUser = async (db: Db, id: string): Promise<ManagedUser> => {
  const user = await managedUserRepository(db).find(id)
  if (!user) throw new Problem('not_found')
  return user
}

/**
 * Makes an account, in the transaction of the caller.
 *
 * @returns its id
 * @throws Problem `already_exists` with the path of the identifier that is somebody else's, or what
 *   is wrong with it
 */
export const createUser = async (
  tx: Db,
  { identifiers, ...user }: NewUser & { identifiers: readonly GivenIdentifier[] },
): Promise<string> => {
  const id = await managedUserRepository(tx).create(user)
  for (const [index, given] of identifiers.entries()) {
    await give(tx, id, given, `identifiers[${index}].value`)
  }
  return id
}

/** @throws Problem `not_found`, `version_changed` */
export const changeUser = async (
  tx: Db,
  id: string,
  patch: UserPatch,
  version: number | null,
): Promise<void> => changed(tx, id, managedUserRepository(tx).change(id, patch, version))

/** @throws Problem `not_found`, `version_changed`, `already_exists`, or what is wrong with it */
export const addIdentifier = async (
  tx: Db,
  id: string,
  given: GivenIdentifier,
  version: number | null,
): Promise<void> => {
  await changed(tx, id, managedUserRepository(tx).touch(id, version))
  await give(tx, id, given, 'value')
  await revokeAllTrust(tx, id)
}

/** @throws Problem `not_found`, `version_changed` */
export const removeIdentifier = async (
  tx: Db,
  id: string,
  { type, value }: Omit<GivenIdentifier, 'verified'>,
  version: number | null,
): Promise<void> => {
  const users = managedUserRepository(tx)
  await changed(tx, id, users.touch(id, version))
  const canonical = read({ type, value }, null)
  if (!canonical || !(await users.removeIdentifier(id, type, canonical.value))) {
    throw new Problem('not_found')
  }
  await revokeAllTrust(tx, id)
}

/**
 * Lets somebody sign in no more, or again. Ending what they are signed in to is for the caller.
 *
 * @throws Problem `not_found`, `version_changed`
 */
export const setBlocked = async (
  tx: Db,
  id: string,
  blocked: boolean,
  version: number | null,
): Promise<void> => changed(tx, id, managedUserRepository(tx).setBlocked(id, blocked, version))

/** Counts a change to what hangs on somebody. @throws Problem `not_found`, `version_changed` */
export const touchUser = async (tx: Db, id: string, version: number | null): Promise<void> =>
  changed(tx, id, managedUserRepository(tx).touch(id, version))

/** @throws Problem `not_found`, `version_changed` */
export const deleteUser = async (tx: Db, id: string, version: number | null): Promise<void> =>
  changed(tx, id, managedUserRepository(tx).delete(id, version))

const changed = async (tx: Db, id: string, done: Promise<boolean>): Promise<void> => {
  if (await done) return
  await findManagedUser(tx, id)
  throw new Problem('version_changed')
}

const give = async (tx: Db, id: string, given: GivenIdentifier, path: string): Promise<void> => {
  const identifier = read(given, path)!
  const free = await managedUserRepository(tx)
    .addIdentifier(id, identifier, given.verified)
    .catch((error: unknown) => {
      // Of two who give it to two people at once, the second hears of it here.
      if (isTaken(error)) return false
      throw error
    })
  if (free) return
  const message = 'is somebody else’s'
  throw new Problem('already_exists', { errors: [{ path, message }] })
}

/** @param path null: what is nobody's is null, not a fault */
const read = ({ type, value }: Omit<GivenIdentifier, 'verified'>, path: string | null) => {
  try {
    return readIdentifier(value, { types: [type], ...(path ? { field: path } : {}) })
  } catch (error) {
    if (path === null && error instanceof Problem) return null
    throw error
  }
}
