import { Problem } from '#src/lib/problem.ts'
import {
  type CreationOptions,
  passkeyAmr,
  type RequestOptions,
  type Who,
} from '#src/verification/index.ts'
import { noteFailure, remember, wayFor } from './answer.ts'
import type { FlowDeps } from './deps.ts'
import { canQuietly } from './facts.ts'
import type { Due } from './flow.ts'
import type { Facts, Step } from './policy.ts'
import type { SignIn } from './sign-in.ts'
import { whoIs } from './start.ts'
import { originOf, ownIdentifier, type Visit } from './visit.ts'

const subjectOf = ({ interaction }: Visit): string => `interaction:${interaction.uid}`

/** As long as nobody is proven, a passkey may say who it is. */
export const startsWithPasskey = ({ prompt, proofs, passkeys }: Facts): boolean =>
  passkeys && prompt !== 'consent' && proofs.length === 0

/** By the first of two clicks. */
export const isMade = ({ visit, step }: Due): boolean =>
  !makesPasskey(step) &&
  wayFor(step, 'passkey') === null &&
  visit.signIn?.done.includes('passkey') === true

/** What the browser needs for the passkey that is due. @throws Problem `method_not_available` */
export const passkeyOptions = async (
  deps: FlowDeps,
  { visit, facts, step }: Due,
  quiet: boolean,
): Promise<{ get: RequestOptions } | { create: CreationOptions }> => {
  const { passkey } = deps.verifications
  const subject = subjectOf(visit)
  const userId = visit.signIn?.userId ?? null
  if (makesPasskey(step) && userId) {
    if (quiet && !(step.kind === 'offer-passkey' && canQuietly(visit.signIn!))) {
      throw new Problem('method_not_available')
    }
    const owner = await ownerOf(deps, visit, userId)
    return {
      create: await passkey.beginRegistration(owner, subject, quiet ? 'quiet' : 'passkey'),
    }
  }
  if (wayFor(step, 'passkey')?.second && userId) {
    const verified = facts.wantsPasskey || facts.wantsApp || (facts.wantsTwoKinds && !knows(facts))
    return { get: await passkey.requestOptions(subject, { userId, verified }) }
  }
  if (!startsWithPasskey(facts)) throw new Problem('method_not_available')
  return { get: await passkey.requestOptions(subject, { userId: null, verified: true }) }
}

/**
 * Takes what the browser has answered: a passkey, or a new one. Tries are not counted, since there
 * is nothing to guess, and whoever could lock it would lock the person out.
 */
export const answerPasskey = async (
  deps: FlowDeps,
  { visit, facts, step }: Due,
  answer: string,
): Promise<SignIn> => {
  const asked = wayFor(step, 'passkey')
  try {
    if (makesPasskey(step)) return await addPasskey(deps, visit, step, answer)
    if (asked) {
      const proof = await verify(deps, whoIs(visit, asked.way, asked.second), answer)
      return await remember(deps, visit.signIn!, proof, originOf(visit.ctx))
    }
    if (!startsWithPasskey(facts)) throw new Problem('method_not_available')
    return await beginWithPasskey(deps, visit, answer)
  } catch (error) {
    const way = { method: 'passkey', channel: null, identifier: null } as const
    if (error instanceof Problem) await noteFailure(deps, visit, way, error)
    throw error
  }
}

/** What may be done about a passkey that is asked for or offered, without one. */
export const skipPasskey = async (
  deps: FlowDeps,
  { visit, facts, step }: Due,
  decision: string,
): Promise<string | undefined> => {
  const { uid } = visit.interaction
  if (facts.wantsPasskey && decision === 'unable') {
    return deps.interactions.fail(
      visit.interaction,
      'unmet_authentication_requirements',
      'the person has no passkey at hand',
    )
  }
  if (step.kind !== 'offer-passkey') return
  const { passkey } = deps.verifications
  const refusals: Record<string, number | null> = { later: laterDays, never: null }
  if (!Object.hasOwn(refusals, decision))
    throw new Problem('decision_required', { field: 'decision' })
  await passkey.refuse(visit.signIn!.userId!, visit.browser.hash, refusals[decision] ?? null)
  await deps.signIns.mark(uid, 'passkey-offer')
  return
}

const laterDays = 30

export const makesPasskey = ({ kind }: Step): boolean =>
  kind === 'enroll-passkey' || kind === 'offer-passkey'

const knows = ({ proofs }: Facts): boolean => proofs.some(({ kind }) => kind === 'knowledge')

const verify = (deps: FlowDeps, who: Who, answer: string) =>
  deps.verifications.methods.get('passkey')!.verify(who, answer)

const ownerOf = async (deps: FlowDeps, { signIn }: Visit, userId: string) => {
  const user = await deps.users.find(userId)
  const name = signIn?.identifier?.display ?? user?.name ?? ''
  return { id: userId, name, displayName: user?.name ?? name }
}

/** The sign-in begins, or begins anew, as the person whom the passkey belongs to. */
const beginWithPasskey = async (deps: FlowDeps, visit: Visit, answer: string): Promise<SignIn> => {
  const { interaction, browser, client, lang, ctx, signIn } = visit
  const way = { method: 'passkey', kind: 'inherence', channel: null, identifier: null } as const
  const who = { ...whoIs(visit, way, false), identifier: null, userId: null }
  const proof = await verify(deps, who, answer)
  const user = await deps.users.find(proof.userId!)
  const identifier = ownIdentifier(user, signIn?.identifier)
  if (!identifier) throw new Problem('sign_in_blocked')
  const begun = await deps.signIns.identify(
    interaction.uid,
    browser.hash,
    {
      intent: 'sign-in',
      identifier,
      known: true,
      decoy: false,
      locale: lang,
      agent: ctx.get('user-agent').slice(0, 256) || null,
      done: [],
      clientId: client.client_id,
    },
    originOf(ctx),
  )
  return remember(deps, begun, proof, originOf(ctx))
}

/**
 * Where one was asked for, a new passkey that has just verified the person answers at once: to use
 * it again would prove the same. One that was merely offered changes nothing of this sign-in.
 */
const addPasskey = async (
  deps: FlowDeps,
  visit: Visit,
  step: Step,
  answer: string,
): Promise<SignIn> => {
  const signIn = visit.signIn!
  const origin = originOf(visit.ctx)
  const { passkey } = deps.verifications
  const about = { clientId: visit.client.client_id, interactionUid: signIn.uid, ...origin }
  const { userId } = signIn
  if (!userId) throw new Problem('method_not_available')
  const { verified, backupEligible } = await passkey.register(
    { subject: subjectOf(visit), userId },
    answer,
    about,
  )
  await deps.signIns.mark(signIn.uid, 'passkey')
  await deps.signIns.mark(signIn.uid, 'passkey-offer')
  if (step.kind === 'offer-passkey') return (await deps.signIns.find(signIn.uid)) ?? signIn
  return deps.signIns.verified(
    signIn,
    {
      method: 'passkey',
      kind: verified ? 'inherence' : 'possession',
      channel: null,
      identifier: null,
      userId,
      amr: passkeyAmr(backupEligible),
      at: new Date(),
    },
    userId,
    origin,
  )
}
