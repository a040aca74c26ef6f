import type { Db } from '#src/db/contract.ts'
import { Problem } from '#src/lib/problem.ts'
import { type Identifier, userRepository } from '#src/users/index.ts'
import type { FlowDeps } from './deps.ts'
import type { SignIn } from './sign-in.ts'

/**
 * Whose account a proven identifier belongs to. An account that had it without ever proving anything
 * becomes this person's, and loses what somebody else may have set on it.
 *
 * @returns null where there is no account yet
 */
export const claimAccount = async (
  deps: FlowDeps,
  signIn: Pick<SignIn, 'verifications'>,
  identifier: Identifier | null,
): Promise<string | null> => {
  if (!identifier) return null
  const owner = await deps.users.findOwner(identifier)
  if (owner) return owner
  const unproven = await deps.users.findUnproven(identifier)
  if (!unproven) return null
  const used = new Set(signIn.verifications.map(({ method }) => method))
  await deps.db.transaction(async (tx) => {
    const { password, totp, backupCode } = deps.verifications
    if (!(await userRepository(tx).prove(unproven, identifier))) throw new Problem('code_spent')
    if (!used.has('password')) await password.remove(tx, unproven)
    if (!used.has('totp')) await totp.remove(tx, unproven)
    if (!used.has('backup-code')) await backupCode.remove(tx, unproven)
  })
  return unproven
}

export interface NewAccount {
  name: string | null
  username: Identifier | null
  locale: string | null
  /** What the person has proven on the way here. */
  proven: readonly Identifier[]
  /** Stores a password that was hashed before. */
  storePassword: ((tx: Db, userId: string) => Promise<void>) | null
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
      await account.storePassword?.(tx, id)
      return id
    })
  } catch (error) {
    if (error !== taken && (error as { code?: string }).code !== '23505') throw error
    const [first] = account.proven
    const owner = first ? await deps.users.findOwner(first) : null
    if (owner) return owner
    throw new Problem('username_taken', { field: account.username ? 'username' : 'identifier' })
  }
}
