import { Problem } from '#src/lib/problem.ts'
import { type Identifier, type KnownAccount, readIdentifier } from '#src/users/index.ts'
import type { FlowDeps } from './deps.ts'
import { isOpenTo, mayRegister } from './policy.ts'
import type { Ability, Intent, Mark, SignIn } from './sign-in.ts'
import { originOf, type Visit } from './visit.ts'

export interface Given {
  identifier: string
  region: string
  intent: Intent
  /** What a script has found that the browser can do. */
  able: readonly Ability[]
}

/**
 * Remembers who the person says they are. Whether there is such an account changes nothing that can
 * be seen; where nobody new may register, or a password is to be reset, an unknown identifier
 * becomes a decoy.
 */
export const identify = async (deps: FlowDeps, visit: Visit, given: Given): Promise<SignIn> => {
  const { identifiers } = deps.settings().signIn
  const types =
    given.intent === 'reset' ? identifiers.filter((type) => type !== 'username') : identifiers
  const identifier = readIdentifier(given.identifier, { types, region: given.region })
  return begin(deps, visit, identifier, given.intent, given.able)
}

/** Goes on as an account that this browser remembers; or as the one that is signed in. */
export const chooseAccount = async (
  deps: FlowDeps,
  visit: Visit,
  id: string,
  able: readonly Ability[],
): Promise<'stay' | 'sign-in'> => {
  const { session, prompt, reauthenticate } = visit.interaction
  const only = visit.interaction.reasons.every((reason) => reason === 'select_account_prompt')
  if (session?.userId === id && prompt === 'select_account' && (only || !reauthenticate))
    return 'stay'
  const account = (await rememberedAccounts(deps, visit)).find(({ userId }) => userId === id)
  if (!account) throw new Problem('account_not_available', { field: 'account' })
  await begin(deps, visit, account.identifier, 'sign-in', ['account', ...able])
  return 'sign-in'
}

/** Who has signed in with this browser before, the last first. */
export const rememberedAccounts = async (
  { browsers }: FlowDeps,
  { browser }: Visit,
): Promise<KnownAccount[]> => (browser.returning ? browsers.accounts(browser.hash) : [])

/** Whether the identifier has an open invitation, where it takes one to register. */
export const isInvited = async (
  { settings, invitations }: FlowDeps,
  identifier: Identifier | null,
): Promise<boolean> =>
  settings().signIn.registration === 'invited' &&
  identifier !== null &&
  invitations.isOpen(identifier)

/** Whether nothing at all may have been sent, which nobody may find out. */
export const mayBeDecoy = (
  { settings }: FlowDeps,
  { intent, userId, identifier }: Pick<SignIn, 'intent' | 'userId' | 'identifier'>,
): boolean =>
  userId === null &&
  (intent === 'reset' || identifier === null || !isOpenTo(settings().signIn, identifier))

/** Begins with an identifier, or begins anew with another one. */
export const begin = async (
  deps: FlowDeps,
  visit: Visit,
  identifier: Identifier,
  intent: Intent,
  done: readonly Mark[],
): Promise<SignIn> => {
  const { signIn, interaction, browser, ctx, lang } = visit
  const known =
    (await deps.users.findOwner(identifier)) ?? (await deps.users.findUnproven(identifier))
  // Looked up for everybody, or the time would tell who is known.
  const invited = await isInvited(deps, identifier)
  const welcome =
    intent !== 'reset' && mayRegister({ ...deps.settings().signIn, invited }, identifier)
  const same =
    signIn?.identifier?.type === identifier.type &&
    signIn.identifier.value === identifier.value &&
    signIn.intent === intent
  // Back and forth again: what has been sent still works.
  if (same && signIn.verifications.length === 0) return signIn
  const begun = {
    intent,
    identifier,
    known: known !== null,
    decoy: known === null && !welcome,
    locale: lang,
    agent: ctx.get('user-agent').slice(0, 256) || null,
    done,
    clientId: visit.client.client_id,
  }
  return deps.signIns.identify(interaction.uid, browser.hash, begun, originOf(ctx))
}
