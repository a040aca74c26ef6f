import { type Person, standsForApp } from '#src/verification/index.ts'
import type { FlowDeps } from './deps.ts'
import type { Way } from './policy.ts'
import { addsToSession } from './session.ts'
import type { Visit } from './visit.ts'

/**
 * How somebody can show the authenticator app that they have set up: by a code of it or of the paper
 * that stands in for it, or by a passkey that verifies them. What was shown in this sign-in counts,
 * and what was shown earlier in the session, for a change of the account only as long as it asks for.
 *
 * @returns null where they have no app, or have shown it
 */
export const appOf = (
  { settings }: Pick<FlowDeps, 'settings'>,
  visit: Visit,
  { enrolled }: Pick<Person, 'enrolled'>,
  ways: readonly Way[],
): readonly Way[] | null => {
  if (!enrolled.totp) return null
  const { session, appWithin } = visit.interaction
  const oldest = Date.now() - (appWithin ?? settings().session.aal2AbsoluteSeconds) * 1000
  const kept = session && addsToSession(visit) ? session.factors : []
  const used = visit.signIn?.verifications ?? []
  const shown = used.some(standsForApp) || kept.some((one) => one.at >= oldest && standsForApp(one))
  if (shown) return null
  // A passkey that was used, and has not verified anybody, will not the next time.
  const left = ({ method }: Way) => !used.some((each) => each.method === method)
  return ways.filter((way) => standing.has(way.method) && left(way))
}

const standing: ReadonlySet<string> = new Set(['passkey', 'totp', 'backup-code'])
