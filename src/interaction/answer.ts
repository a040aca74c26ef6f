import { Problem } from '#src/lib/problem.ts'
import { countryOf } from '#src/messaging/index.ts'
import { type Identifier, limitKey } from '#src/users/index.ts'
import { fixedCode, type MethodId, type Verification } from '#src/verification/index.ts'
import { claimAccount } from './claim.ts'
import type { FlowDeps } from './deps.ts'
import { confirmTotp } from './enrol.ts'
import type { Due } from './flow.ts'
import { family, type Step, type Way } from './policy.ts'
import type { Origin } from './repository.ts'
import type { SignIn } from './sign-in.ts'
import { whoIs } from './start.ts'
import { originOf, type Visit } from './visit.ts'

/**
 * Checks what was typed. The try is counted first.
 *
 * @throws Problem of the method, or `locked`, or `method_not_available`
 */
export const answerStep = async (
  deps: FlowDeps,
  visit: Visit,
  step: Step,
  methodId: string,
  answer: string,
): Promise<SignIn> => {
  if (step.kind === 'enroll-totp' && methodId === 'totp') return confirmTotp(deps, visit, answer)
  const asked = wayFor(step, methodId)
  if (!asked) throw new Problem('method_not_available')
  const { way, second } = asked
  const method = deps.verifications.methods.get(way.method)!
  const who = whoIs(visit, way, second)
  try {
    const { clear, hidden } = await countTry(deps, visit, way)
    const verification = await method.verify(hidden ? { ...who, decoy: true } : who, answer)
    await clear()
    return await remember(deps, visit.signIn!, verification, originOf(visit.ctx))
  } catch (error) {
    if (error instanceof Problem) await noteFailure(deps, visit, way, error)
    throw error
  }
}

/** For the audit log, in which its owner finds it too. */
export const noteFailure = async (
  { audit, users }: FlowDeps,
  { interaction, client, signIn, ctx }: Visit,
  { method, channel, identifier }: Pick<Way, 'method' | 'channel' | 'identifier'>,
  { code }: Problem,
): Promise<void> => {
  if (code === 'unavailable') return
  const given = identifier ?? signIn?.identifier
  // Looked up for everybody, or the time would tell who is known.
  const owner = given ? await users.findOwner(given) : null
  await audit.add({
    event: 'verification.failed',
    interactionUid: interaction.uid,
    clientId: client.client_id,
    userId: signIn?.userId ?? owner,
    // What is typed is a code, whichever of the two the page is for.
    method: channel ? `${channel}-code` : method,
    channel,
    country: identifier?.type === 'phone' ? countryOf(identifier.value) : null,
    result: code,
    ...originOf(ctx),
  })
}

/**
 * Remembers a proof and finds out whose it is.
 *
 * @returns the sign-in as it is now
 * @throws Problem `method_not_available` if it is somebody else's than who is signing in
 */
export const remember = async (
  deps: FlowDeps,
  signIn: SignIn,
  verification: Verification,
  origin: Origin,
): Promise<SignIn> => {
  const identifier = displayed(verification.identifier, signIn.identifier)
  const userId = verification.userId ?? (await claimAccount(deps, signIn, identifier))
  if (signIn.userId && userId !== signIn.userId) throw new Problem('method_not_available')
  // Anybody may know a fixed code.
  const isFixed = identifier !== null && fixedCode(deps.settings(), identifier) !== null
  if (isFixed && userId && (await deps.adminRole(userId))) throw new Problem('method_not_available')
  return deps.signIns.verified(signIn, { ...verification, identifier }, userId, origin)
}

/** Keeps in mind that this browser is to be trusted, once the sign-in is whole. */
export const wantsTrust = async ({ signIns }: FlowDeps, signIn: SignIn): Promise<SignIn> => {
  await signIns.mark(signIn.uid, 'trust')
  return { ...signIn, done: [...signIn.done, 'trust'] }
}

/** What was proven is what the message went to; how it is written is as the person typed it. */
const displayed = (proven: Identifier | null, given: Identifier | null): Identifier | null =>
  proven && given && proven.type === given.type && proven.value === given.value ? given : proven

/** A code answers the page of its link too, since one message carries both. */
export const wayFor = (step: Step, methodId: string): { way: Way; second: boolean } | null => {
  if (step.kind !== 'verify') return null
  const { second, ways } = step
  const exact = ways.find(({ method }) => method === methodId)
  const sibling = ways.find(
    ({ method, channel }) => channel !== null && family(method) === family(methodId as MethodId),
  )
  const way = exact ?? sibling
  return way ? { way, second } : null
}

/** Whether this was proven by the first of two clicks, and nobody asks for it any more. */
export const isDone = ({ visit, step }: Due, methodId: string): boolean =>
  wayFor(step, methodId) === null &&
  step.kind !== 'enroll-passkey' &&
  visit.signIn?.verifications.some(
    ({ method }) => family(method) === family(methodId as MethodId),
  ) === true

interface Try {
  /** Call it once the try has turned out right. */
  clear(): Promise<unknown>
  /** Nothing may come of it, and nobody may see that. */
  hidden: boolean
}

/**
 * A message is bound to its recipient; everything else to the person, whichever of their names was
 * used. Until somebody is proven, each name has a count of its own as well, and only that one says
 * that it is full: the other would tell whose name it is.
 */
const countTry = async (deps: FlowDeps, visit: Visit, way: Way): Promise<Try> => {
  const { signIn } = visit
  const identifier = way.identifier ?? signIn?.identifier ?? null
  const name = `to:${identifier ? limitKey(identifier) : ''}`
  const owner = async () =>
    signIn?.userId ?? (identifier ? await deps.users.findOwner(identifier) : null)
  const take = (subject: string) => takeTry(deps, visit, subject, family(way.method), owner)

  if (way.channel || signIn?.userId) {
    return { clear: await take(way.channel ? name : signIn!.userId!), hidden: false }
  }
  const clearName = await take(name)
  try {
    const clearPerson = await take((await owner()) ?? `nobody:${name}`)
    return { clear: () => Promise.all([clearName(), clearPerson()]), hidden: false }
  } catch (error) {
    if (!isLocked(error)) throw error
    return { clear: clearName, hidden: true }
  }
}

const isLocked = (error: unknown): boolean => error instanceof Problem && error.code === 'locked'

/** Strangers who guess lock nobody out of a browser in which they have signed in before. */
const takeTry = async (
  deps: FlowDeps,
  { browser }: Visit,
  subject: string,
  factor: string,
  owner: () => Promise<string | null>,
): Promise<() => Promise<void>> => {
  try {
    return await deps.limits.attempt(subject, factor, null)
  } catch (error) {
    const returning = isLocked(error) && browser.returning
    if (!returning || !(await knows(deps, browser.hash, await owner()))) throw error
    return deps.limits.attempt(subject, factor, browser.hash.toString('hex'))
  }
}

/** Whether somebody has signed in with this browser before. */
const knows = async (deps: FlowDeps, browser: Buffer, userId: string | null): Promise<boolean> =>
  userId !== null &&
  (await deps.browsers.accounts(browser)).some((account) => account.userId === userId)
