import { Problem } from '#src/lib/problem.ts'
import {
  assurance,
  type Factor,
  factorOf,
  factorResetRepository,
  lacksSecondFactor,
} from '#src/verification/index.ts'
import type { FlowDeps } from './deps.ts'
import { addsToSession } from './session.ts'
import { originOf, type Visit } from './visit.ts'

/**
 * Ends a sign-in: notes it, and hands over who it is and how it was proven.
 *
 * @returns where the browser goes next
 */
export const finish = async (deps: FlowDeps, visit: Visit): Promise<string> => {
  const { interaction, browser, client, ctx } = visit
  const signIn = visit.signIn!
  const { userId, identifier, verifications } = signIn
  const [first, ...more] = verifications
  const factors = allFactors(visit)
  if (!userId || !identifier || factors.length === 0) throw new Problem('interaction_expired')

  const now = Date.now()
  const { aal2IdleSeconds, aal2AbsoluteSeconds } = deps.settings().session
  const { acr, amr } = assurance(factors, {
    now,
    usedAt: now,
    idleSeconds: aal2IdleSeconds,
    absoluteSeconds: aal2AbsoluteSeconds,
  })
  if (first) {
    const kept = await deps.users.signedIn(userId, browser.hash, {
      identifier,
      method: first.method,
      second: more.at(-1)?.method ?? null,
    })
    if (kept) await deps.audit.add({ event: 'account.deletion_cancelled', userId, ...about(visit) })
  }
  if (signIn.done.includes('trust')) await trustBrowser(deps, visit, userId)
  if (first && !lacksSecondFactor(verifications, always, nothing)) {
    // Whoever comes whole has not lost everything, whoever said so.
    await factorResetRepository(deps.db).cancel(userId, about(visit))
  }
  await deps.audit.add({
    event: 'sign_in.completed',
    userId,
    clientId: client.client_id,
    interactionUid: interaction.uid,
    method: verifications.map(({ method }) => method).join(' ') || null,
    result: acr,
    address: ctx.state.address,
    reference: ctx.state.reference,
  })
  if (first) deps.onSignedIn(first.method, acr)
  return deps.interactions.signIn(ctx, interaction, {
    userId,
    acr,
    amr,
    factors,
    proven: verifications.map(({ method }) => method),
    at: Math.floor(Math.max(...factors.map(({ at }) => at)) / 1000),
  })
}

const nothing = { totp: false, passkey: false }
const always = { afterPassword: 'required', afterPasswordless: 'required' } as const

/** What the audit log knows of everything that a sign-in does. */
const about = ({ client, interaction, ctx }: Visit) => ({
  clientId: client.client_id,
  interactionUid: interaction.uid,
  ...originOf(ctx),
})

/** As the person has asked for, now that they are whole. */
const trustBrowser = async (deps: FlowDeps, visit: Visit, userId: string): Promise<void> => {
  const { ctx, signIn } = visit
  if (!(await deps.trustedBrowsers.trust(ctx, userId, signIn!.startedAt))) return
  await deps.audit.add({
    event: 'trusted_browser.added',
    userId,
    ...about(visit),
  })
}

const allFactors = (visit: Visit): Factor[] => {
  const { session } = visit.interaction
  const fresh = (visit.signIn?.verifications ?? []).map(factorOf)
  const kept = session && addsToSession(visit) ? session.factors : []
  return [...kept.filter((old) => !fresh.some(({ method }) => method === old.method)), ...fresh]
}
