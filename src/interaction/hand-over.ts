import type { Context } from 'koa'
import type { Client } from '#src/clients/index.ts'
import type { Challenge, Handover, Messages } from '#src/verification/index.ts'
import { remember } from './answer.ts'
import { readBrowser } from './browser.ts'
import type { FlowDeps } from './deps.ts'
import { begin } from './identify.ts'
import { linkModeOf } from './link-mode.ts'
import type { Origin } from './repository.ts'
import type { SignIn } from './sign-in.ts'
import { originOf, reread, type Visit } from './visit.ts'

/** Whether a message is still about the one who signs in, or an address of their account. */
export const isAbout = async (
  { users }: FlowDeps,
  { userId, identifier }: SignIn,
  { identifier: { type, value } }: Challenge,
): Promise<boolean> => {
  const account = userId ? await users.find(userId) : null
  const own = account?.identifiers ?? [identifier]
  return own.some((one) => one?.type === type && one?.value === value)
}

/**
 * What somebody does in another browser, who is asked for the number that the first one shows.
 *
 * @throws Problem `number_required`, `incorrect_number`
 */
export const answerOpened = async (
  { audit, verifications: { messages } }: FlowDeps,
  { challenge, signIn, origin }: { challenge: Challenge; signIn: SignIn; origin: Origin },
  { number, denied }: { number: string; denied: boolean },
): Promise<void> => {
  const note = (event: string) =>
    audit.add({
      event,
      interactionUid: signIn.uid,
      clientId: signIn.clientId,
      userId: signIn.userId,
      channel: challenge.channel,
      target: challenge.id,
      ...origin,
    })
  if (denied) {
    if (await messages.handovers.deny(challenge)) await note('link.denied')
  } else if (await messages.handovers.approve(challenge, number)) await note('link.approved')
}

/**
 * Where a browser begins a sign-in of its own, with what it has just proven (OpenID Connect Core 1.0, §4).
 */
export const initiateLogin = (client: Client, issuer: string, { identifier }: SignIn): string => {
  const url = new URL(client.initiate_login_uri!)
  url.searchParams.set('iss', issuer)
  url.searchParams.set('login_hint', identifier!.display)
  return url.href
}

/** Whether a browser has proven something that a sign-in at a client would take up. */
export const carriedBy =
  ({ messages, ...deps }: Pick<FlowDeps, 'keys' | 'https'> & { messages: Messages }) =>
  async (ctx: Pick<Context, 'cookies'>, clientId: string): Promise<boolean> => {
    const { returning, hash } = readBrowser(deps, ctx)
    return returning && messages.handovers.isCarried(hash, clientId)
  }

/** What was done with the link elsewhere, for the page that waits for it; null as long as it waits. */
export const newsOfLink = async (deps: FlowDeps, signIn: SignIn): Promise<Handover | null> => {
  const client = signIn.clientId ? await deps.findClient(signIn.clientId) : null
  const mode = linkModeOf(client, deps.settings().signIn)
  if (mode !== 'number_match' && mode !== 'sign_in_here') return null
  const challenge = await deps.verifications.messages.handovers.latest(signIn.uid)
  if (challenge?.state === 'open') return challenge.handover
  return challenge?.handover === 'elsewhere' ? 'elsewhere' : null
}

/**
 * Goes on with what was done elsewhere: the link was approved on another device, or this browser has
 * typed the code of a message that another one had asked for.
 */
export const takeUp = async (deps: FlowDeps, visit: Visit): Promise<Visit> =>
  (await takeApproved(deps, visit)) ?? (await takeCarried(deps, visit)) ?? visit

const takeApproved = async (deps: FlowDeps, visit: Visit): Promise<Visit | null> => {
  const { signIn, client, ctx } = visit
  if (!signIn || linkModeOf(client, deps.settings().signIn) !== 'number_match') return null
  const { handovers } = deps.verifications.messages
  const challenge = await handovers.latest(signIn.uid)
  if (challenge?.handover !== 'approved' || challenge.state !== 'open') return null
  if (!(await isAbout(deps, signIn, challenge))) return null
  const verification = await handovers.takeApproved(challenge)
  if (!verification) return reread(deps, visit)
  return { ...visit, signIn: await remember(deps, signIn, verification, originOf(ctx)) }
}

/** Applications have to pass the hint on, and nobody else comes with one: it costs them nothing. */
const takeCarried = async (deps: FlowDeps, visit: Visit): Promise<Visit | null> => {
  const { interaction, client, browser, ctx } = visit
  if (!interaction.params.login_hint || interaction.prompt !== 'login') return null
  const { handovers } = deps.verifications.messages
  const verification = await handovers.takeCarried(browser.hash, client.client_id)
  if (!verification?.identifier) return null
  const signIn = await begin(deps, visit, verification.identifier, 'sign-in', [])
  await remember(deps, signIn, verification, originOf(ctx))
  return reread(deps, visit)
}
