import type { SecondFactorPolicy, Settings } from '#src/settings/contract.ts'
import type { PasswordMethod, PreparedHash } from './password/index.ts'

/**
 * Fifteen characters where the password can be the only factor, eight where a second follows: in
 * general, and at the application in whose sign-in it is chosen.
 */
export const passwordLength = (
  { password, signIn }: Settings,
  atClient: SecondFactorPolicy | null = null,
): number =>
  signIn.mfa.afterPassword === 'required' && (atClient ?? 'required') === 'required'
    ? password.minLengthWithSecondFactor
    : password.minLength

/**
 * A password that was chosen for somebody, hashed for {@link PasswordMethod.store}; before any
 * transaction, since it takes its time.
 *
 * @param words that others would try for this person
 * @throws Problem that says of `new_password` what is wrong with it; `busy`
 */
export const newPasswordHash = (
  {
    passwords,
    settings,
    atClient = null,
  }: { passwords: PasswordMethod; settings: Settings; atClient?: SecondFactorPolicy | null },
  password: string,
  words: readonly (string | null | undefined)[],
): Promise<PreparedHash> => {
  const context = [...words, settings.branding.name]
  passwords.check(password, {
    minLength: passwordLength(settings, atClient),
    context: context.filter((word): word is string => typeof word === 'string' && word !== ''),
  })
  return passwords.prepare(password)
}
