import type { Factor } from '#src/verification/index.ts'
import type { FlowDeps } from './deps.ts'
import type { Visit } from './visit.ts'

/** A step-up adds to what the session has proven; a sign-in anew stands alone. */
export const addsToSession = ({ interaction, signIn }: Visit): boolean => {
  const { session, reauthenticate } = interaction
  return session !== null && !reauthenticate && session.userId === signIn?.userId
}

/** What was proven so lately that it still vouches for somebody beside another factor. */
export const freshFactors = (
  { settings }: Pick<FlowDeps, 'settings'>,
  factors: readonly Factor[],
): Factor[] => {
  const oldest = Date.now() - settings().session.aal2AbsoluteSeconds * 1000
  return factors.filter(({ at }) => at >= oldest)
}
