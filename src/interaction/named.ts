import { isNamed, type MethodId, type Person } from '#src/verification/index.ts'
import type { FlowDeps } from './deps.ts'
import type { Named, Way } from './policy.ts'
import { addsToSession } from './session.ts'
import type { Visit } from './visit.ts'

/**
 * The factor that the relying party names, meant literally: what was proven in this sign-in counts,
 * and what was proven earlier in the session only as long as `max_age` says.
 *
 * @returns null where none is named, or it is proven
 */
export const namedOf = (
  { settings, verifications: { methods } }: FlowDeps,
  visit: Visit,
  { enrolled }: Person,
  ways: readonly Way[],
): Named | null => {
  const { named, session } = visit.interaction
  if (!named) return null
  const { values, maxAgeSeconds } = named
  const seconds = maxAgeSeconds ?? settings().session.aal2AbsoluteSeconds
  const oldest = Date.now() - seconds * 1000
  const earlier = session && addsToSession(visit) ? session.factors : []
  const used = visit.signIn?.verifications ?? []
  const proven =
    used.some(({ amr }) => isNamed(amr, values)) ||
    earlier.some(({ amr, at }) => at >= oldest && isNamed(amr, values))
  if (proven) return null
  // Which kind of key a passkey has is known once it was used: then it is the one named, or it is not.
  const mayBe = (method: MethodId) =>
    method === 'passkey' ? ['hwk', 'swk'] : methods.get(method)!.amr
  const fits = ({ method }: Way) =>
    isNamed(mayBe(method), values) && !used.some((each) => each.method === method)
  return {
    ways: ways.filter(fits),
    enrol:
      values.includes('otp') && !enrolled.totp
        ? 'totp'
        : values.includes('pwd') && !enrolled.password
          ? 'password'
          : null,
  }
}
