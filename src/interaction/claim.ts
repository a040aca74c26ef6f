import { type Db, isTaken } from '#src/db/index.ts'
import { Problem } from '#src/lib/problem.ts'
import { type Identifier, userRepository } from '#src/users/index.ts'
import type { FlowDeps } from './deps.ts'
import type { SignIn } from './sign-in.ts'

/**
 * Whose account a proven identifier belongs to. An account that had it without ever proving anything
 * becomes this person's, and loses what somebody else may have set on it.
 *
 * @returns null where there is no account yet
 * @throws Problem `method_not_available` if it is somebody else's than who is signing in, or theirs
 *   no more
 */
export const claimAccount = async (
  deps: FlowDeps,
  signIn: Pick<SignIn, 'userId' | 'verifications' | 'done'>,
  identifier: Identifier | null,
): Promise<string | null> => {
  if (!identifier) return signIn.userId
  const owner = await deps.users.findOwner(identifier)
  const userId = signIn.userId ?? owner ?? (await deps.users.findUnproven(identifier))
  if (owner && owner !== userId) throw new Problem('method_not_available')
  if (owner || !userId) return userId
  try {
    await deps.db.transaction(async (tx) => {
      const users = userRepository(tx)
      const account = await users.find(userId)
      const first = account?.identifiers.every(({ verified }) => !verified)
      if (!(await users.confirm(userId, identifier))) throw new Problem('method_not_available')
      if (first) await forgetOthers(deps, tx, userId, signIn)
    })
  } catch (error) {
    // Of two accounts that prove it at the same moment, the second hears of it here.
    if (isTaken(error)) throw new Problem('method_not_available')
    throw error
  }
  return userId
}

/** Of the credentials of an account, keeps those that were used or set in this sign-in. */
const forgetOthers = async (
  { verifications: { password, totp, backupCode, passkey } }: FlowDeps,
  tx: Db,
  userId: string,
  { verifications, done }: Pick<SignIn, 'verifications' | 'done'>,
): Promise<void> => {
  const own = new Set<string>(verifications.map(({ method }) => method))
  const enrolled = done.includes('totp')
  if (!own.has('password') && !done.includes('new-password')) await password.remove(tx, userId)
  if (!own.has('totp') && !enrolled) await totp.remove(tx, userId)
  if (!own.has('backup-code') && !enrolled) await backupCode.remove(tx, userId)
  if (!own.has('passkey') && !done.includes('passkey')) await passkey.removeAll(tx, userId)
}

export interface NewAccount {
  name: string | null
  username: Identifier | null
  locale: string | null
  /** What the person has proven on the way here. */
  proven: readonly Identifier[]
  /** Spends what it takes to register. @throws Problem when that is gone by now */
  admit: (tx: Db, userId: string) => Promise<void>
  /** Stores a password that was hashed before. */
  storePassword: ((tx: Db, userId: string) => Promise<void>) | null
  /** Notes that there is one more. */
  note: (tx: Db, userId: string) => Promise<void>
}

/**
 * Makes the account. Of two that come at once with the same identifier, the second gets the account
 * of the first, since it has proven the identifier as well.
 *
 * @throws Problem `username_taken`
 */
export const createAccount = async (deps: FlowDeps, account: NewAccount): Promise<string> => {
  const taken = Symbol('taken')
  try {
    return await deps.db.transaction(async (tx) => {
      const users = userRepository(tx)
      const id = await users.create({ name: account.name, locale: account.locale })
      for (const identifier of account.proven) {
        if (!(await users.prove(id, identifier))) throw taken
      }
      if (account.username && !(await users.prove(id, account.username))) {
        throw new Problem('username_taken', { field: 'username' })
      }
      await account.admit(tx, id)
      await account.storePassword?.(tx, id)
      await account.note(tx, id)
      return id
    })
  } catch (error) {
    if (error !== taken && !isTaken(error)) throw error
    const [first] = account.proven
    const owner = first ? await deps.users.findOwner(first) : null
    if (owner) return owner
    throw new Problem('username_taken', { field: account.username ? 'username' : 'identifier' })
  }
}
