import type { FlowDeps } from './deps.ts'
import { common, type Drawing, shown } from './drawing.ts'
import { otherEnrolment } from './enrolment.ts'
import { canQuietly } from './facts.ts'
import type { Due } from './flow.ts'
import type { Alternative, EnrollPasskeyPage, PasskeyPage, PasskeyUse } from './pages.ts'
import { startsWithPasskey } from './passkey.ts'
import type { Intent } from './sign-in.ts'

/** What the script for passkeys needs on a page; null where they are off. */
export const passkeyUse = (
  { verifications: { passkey } }: FlowDeps,
  { visit, facts, step }: Due,
  { problem, typed }: Drawing,
  intent: Intent = facts.intent,
): PasskeyUse | null => {
  if (!facts.passkeys) return null
  // Or the browser would go on offering it.
  const forget = problem?.code === 'passkey_unknown' && typed.passkey
  const unknown = { rpId: passkey.rpId, credentialId: typed.passkey }
  return {
    options: `${visit.base}/passkey`,
    signsIn: startsWithPasskey(facts) && intent === 'sign-in' && !isAsked(step),
    signals: forget ? [['signalUnknownCredential', unknown]] : [],
  }
}

/** It is one of the ways of the second step already. */
const isAsked = (step: Due['step']): boolean => step.kind === 'verify' && step.second

/** What may be set up instead. */
export const otherWay = ({ facts, step }: Due): Alternative[] => {
  const method = otherEnrolment(facts, step)
  return method ? [{ method, destination: null }] : []
}

/** The second step with a passkey. */
export const drawPasskey = (
  deps: FlowDeps,
  due: Due,
  alternatives: readonly Alternative[],
  drawing: Drawing,
): void => {
  const { visit, facts } = due
  deps.pages.show<PasskeyPage>(
    visit.ctx,
    'interaction/passkey',
    {
      ...common(visit, drawing),
      passkey: passkeyUse(deps, due, drawing),
      demanded: facts.wantsPasskey,
      alternatives,
      lostHref: `${visit.base}?lost=1`,
    },
    shown(visit, drawing),
  )
}

/** A new passkey: offered, or needed to go on. */
export const drawNewPasskey = (
  deps: FlowDeps,
  due: Due,
  kind: 'enroll-passkey' | 'offer-passkey',
  drawing: Drawing,
): void => {
  const { visit, facts } = due
  const offered = kind === 'offer-passkey'
  deps.pages.show<EnrollPasskeyPage>(
    visit.ctx,
    'interaction/enroll-passkey',
    {
      ...common(visit, drawing),
      passkey: passkeyUse(deps, due, drawing),
      reason: offered ? 'offered' : facts.wantsPasskey ? 'demanded' : 'chosen',
      quiet: offered && drawing.problem === null && canQuietly(visit.signIn!),
      account: visit.signIn?.identifier?.display ?? '',
      alternatives: otherWay(due),
    },
    shown(visit, drawing),
  )
}
