import type { Db } from '#src/db/contract.ts'
import { Problem } from '#src/lib/problem.ts'
import type { Settings } from '#src/settings/contract.ts'
import type { PasswordMethod } from '#src/verification/index.ts'

/**
 * Gives somebody a password, in the transaction of the caller: hashing takes its time there, which
 * is seldom, and the account, its password and the note of it are there together or not at all.
 *
 * @param words that others would try for this person
 * @throws Problem that says of `password` what is wrong with it; `busy`
 */
export const choosePassword = async (
  tx: Db,
  { passwords, settings }: { passwords: PasswordMethod; settings: Settings },
  userId: string,
  password: string,
  words: readonly (string | null)[],
): Promise<void> => {
  const { minLength, minLengthWithSecondFactor } = settings.password
  const { mfa } = settings.signIn
  try {
    passwords.check(password, {
      minLength: mfa.afterPassword === 'required' ? minLengthWithSecondFactor : minLength,
      context: [...words, settings.branding.name],
    })
    await passwords.store(tx, userId, await passwords.prepare(password))
  } catch (error) {
    if (!(error instanceof Problem) || !error.field) throw error
    throw new Problem(error.code, { field: 'password', values: error.values, cause: error })
  }
}
