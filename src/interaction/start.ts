import { Problem } from '#src/lib/problem.ts'
import { countryOf } from '#src/messaging/index.ts'
import { limitKey } from '#src/users/index.ts'
import type { Who } from '#src/verification/index.ts'
import type { FlowDeps } from './deps.ts'
import type { Step, Way } from './policy.ts'
import { originOf, type Visit } from './visit.ts'

/** Whose proof a method is asked for. */
export const whoIs = (visit: Visit, way: Way, second: boolean): Who => {
  const { interaction, signIn, client, browser, lang } = visit
  const reset = signIn?.intent === 'reset'
  return {
    interactionUid: interaction.uid,
    clientId: client.client_id,
    applicationName: client.client_name,
    browser: browser.hash.toString('hex'),
    identifier: way.identifier ?? signIn?.identifier ?? null,
    userId: signIn?.userId ?? null,
    usageType: second
      ? 'MfaVerification'
      : reset
        ? 'ForgotPassword'
        : signIn?.known !== false
          ? 'SignIn'
          : 'Register',
    locale: signIn?.locale ?? lang,
    decoy: signIn?.decoy === true && !second,
  }
}

/**
 * Goes to a way: sends its message if it has one, within the limits, and shows its page from now on.
 *
 * @throws Problem `wait_before_resend`, `too_many_sends`, `too_many_requests`, `no_connector`
 */
export const startWay = async (
  deps: FlowDeps,
  visit: Visit,
  way: Way,
  second: boolean,
): Promise<void> => {
  const method = deps.verifications.methods.get(way.method)!
  const { uid } = visit.interaction
  if (!method.start) {
    await deps.signIns.choose(uid, way.method, null)
    return
  }
  if (!way.identifier) throw new Problem('method_not_available')
  const { address } = visit.ctx.state
  try {
    const resendAfterSeconds = await deps.limits.send(limitKey(way.identifier), address)
    await method.start(whoIs(visit, way, second), (tx, deliveryId) =>
      deps.signIns.choose(uid, way.method, { deliveryId, resendAfterSeconds }, tx),
    )
  } catch (error) {
    if (error instanceof Problem) await noteRefusal(deps, visit, way, error)
    throw error
  }
}

/** Whoever is merely early has a message already. */
const unnoted = ['wait_before_resend', 'unavailable']

const noteRefusal = async (
  { audit }: FlowDeps,
  { interaction, client, ctx }: Visit,
  { channel, identifier }: Way,
  { code }: Problem,
): Promise<void> => {
  if (unnoted.includes(code)) return
  await audit.add({
    event: 'message.refused',
    interactionUid: interaction.uid,
    clientId: client.client_id,
    channel,
    country: identifier?.type === 'phone' ? countryOf(identifier.value) : null,
    result: code,
    ...originOf(ctx),
  })
}

/** The way that a form has named, if it is one of those that are due. */
export const wayNamed = (step: Step, method: string): { way: Way; second: boolean } => {
  const way = step.kind === 'verify' ? step.ways.find((each) => each.method === method) : undefined
  if (step.kind !== 'verify' || !way) throw new Problem('method_not_available')
  return { way, second: step.second }
}

/** Where a step shows the page of a way whose message has not been asked for yet, asks for it. */
export const startIfDue = async (deps: FlowDeps, visit: Visit, step: Step): Promise<boolean> => {
  if (step.kind !== 'verify') return false
  const [way] = step.ways
  if (visit.signIn?.method === way.method) return false
  await startWay(deps, visit, way, step.second)
  return true
}
