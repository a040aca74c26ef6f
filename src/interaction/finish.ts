import { Problem } from '#src/lib/problem.ts'
import { assurance, type Factor, factorOf } from '#src/verification/index.ts'
import type { FlowDeps } from './deps.ts'
import { addsToSession } from './session.ts'
import type { Visit } from './visit.ts'

/**
 * Ends a sign-in: notes it, and hands over who it is and how it was proven.
 *
 * @returns where the browser goes next
 */
export const finish = async (deps: FlowDeps, visit: Visit): Promise<string> => {
  const { interaction, browser, client, ctx } = visit
  const signIn = visit.signIn!
  const { userId, identifier, verifications } = signIn
  const [first] = verifications
  if (!userId || !identifier || !first) throw new Problem('interaction_expired')

  const factors = allFactors(visit)
  const now = Date.now()
  const { aal2IdleSeconds, aal2AbsoluteSeconds } = deps.settings().session
  const { acr, amr } = assurance(factors, {
    now,
    usedAt: now,
    idleSeconds: aal2IdleSeconds,
    absoluteSeconds: aal2AbsoluteSeconds,
  })
  await deps.users.signedIn(userId, browser.hash, { identifier, method: first.method })
  await deps.audit.add({
    event: 'sign_in.completed',
    userId,
    clientId: client.client_id,
    interactionUid: interaction.uid,
    method: verifications.map(({ method }) => method).join(' '),
    result: acr,
    address: ctx.state.address,
    reference: ctx.state.reference,
  })
  deps.onSignedIn(first.method, acr)
  return deps.interactions.signIn(interaction, {
    userId,
    acr,
    amr,
    factors,
    at: Math.floor(Math.max(...verifications.map(({ at }) => at.getTime())) / 1000),
  })
}

const allFactors = (visit: Visit): Factor[] => {
  const { session } = visit.interaction
  const fresh = (visit.signIn?.verifications ?? []).map(factorOf)
  const kept = session && addsToSession(visit) ? session.factors : []
  return [...kept.filter((old) => !fresh.some(({ method }) => method === old.method)), ...fresh]
}
