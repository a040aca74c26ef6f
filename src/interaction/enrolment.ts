import type { Facts, Step } from './policy.ts'

/**
 * What the person may set up instead: a passkey makes two kinds by itself, where an authenticator app
 * or a password would be the second.
 */
export const otherEnrolment = (
  { passkeys, wantsPasskey, proofs }: Facts,
  step: Step,
): 'passkey' | 'password' | 'totp' | null => {
  if (step.kind === 'enroll-passkey' && !wantsPasskey) {
    return proofs.some(({ kind }) => kind === 'possession') ? 'password' : 'totp'
  }
  const asSecond = step.kind === 'new-password' && step.reason === 'second-factor'
  return passkeys && (step.kind === 'enroll-totp' || asSecond) ? 'passkey' : null
}
