import type { Settings } from '#src/settings/contract.ts'
import type { PasswordMethod, PreparedHash } from './password/index.ts'

/** Fifteen characters where the password can be the only factor, eight where a second follows. */
export const passwordLength = ({ password, signIn }: Settings): number =>
  signIn.mfa.afterPassword === 'required' ? password.minLengthWithSecondFactor : password.minLength

/**
 * A password that was chosen for somebody, hashed for {@link PasswordMethod.store}; before any
 * transaction, since it takes its time.
 *
 * @param words that others would try for this person
 * @throws Problem that says of `new_password` what is wrong with it; `busy`
 */
export const newPasswordHash = (
  { passwords, settings }: { passwords: PasswordMethod; settings: Settings },
  password: string,
  words: readonly (string | null | undefined)[],
): Promise<PreparedHash> => {
  const context = [...words, settings.branding.name]
  passwords.check(password, {
    minLength: passwordLength(settings),
    context: context.filter((word): word is string => typeof word === 'string' && word !== ''),
  })
  return passwords.prepare(password)
}
