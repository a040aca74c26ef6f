import type { Identifier } from '#src/users/contract.ts'
import {
  findPerson,
  isNamed,
  kindsOf,
  type MethodId,
  type Person,
  type SecondFactorRules,
  satisfies,
  secondFactorRules,
  withoutTexts,
} from '#src/verification/index.ts'
import type { FlowDeps } from './deps.ts'
import { isInvited } from './identify.ts'
import { namedOf } from './named.ts'
import type { Facts, Proof, Way } from './policy.ts'
import { addsToSession, freshFactors } from './session.ts'
import type { Visit } from './visit.ts'

/** Gathers what {@link nextStep} decides on. */
export const gatherFacts = async (deps: FlowDeps, visit: Visit): Promise<Facts> => {
  const { interaction, signIn } = visit
  const { signIn: experience } = deps.settings()
  const intent = signIn?.intent ?? (interaction.prompt === 'create' ? 'create' : 'sign-in')
  const identifier = signIn?.identifier ?? null
  const person = signIn?.userId ? await findPerson(deps.db, signIn.userId) : null
  const asked = interaction.askedAcrs
  const strict = visit.client.require_authenticator === true
  const counted = <W extends Pick<Way, 'kind' | 'channel'>>(ways: readonly W[]): W[] =>
    strict ? ways.map(withoutTexts) : [...ways]
  const wantsTwoKinds = strict || (asked.length > 0 && !satisfies('aal1', asked))
  const proofs = proofsOf(deps, visit, wantsTwoKinds, counted)
  const own = person && (await inOwnOrder(deps, visit, person.id, ownWays(deps, person)))
  const first = identifier ? firstWays(deps, identifier, intent === 'reset') : []

  return {
    prompt: interaction.prompt,
    intent,
    identifier,
    chosen: signIn?.method ?? null,
    proofs,
    firstWays: namedFirst(deps, visit, inOrder(strict, counted(first))),
    passwordless: experience.methods.some(
      (method) => method !== 'password' && startsFrom(deps, method, identifier),
    ),
    user: person && {
      blocked: person.blocked,
      hasPassword: person.enrolled.password,
      hasTotp: person.enrolled.totp,
      ways: counted(own ?? []),
    },
    done: signIn?.done ?? [],
    registration: experience.registration,
    registrationDomains: experience.registrationDomains,
    invited: person === null && (await isInvited(deps, identifier)),
    profile: experience.profile,
    mfa: await rulesFor(deps, visit, person, intent),
    trusted:
      person !== null &&
      proofs.length > 0 &&
      (await deps.trustedBrowsers.isTrusted(visit.ctx, person.id)),
    named: person && namedOf(deps, visit, person, counted(own ?? [])),
    wantsTwoKinds,
    wantsTheImpossible: asked.length > 0 && !satisfies('aal2', asked),
  }
}

/** Why the protocol opens a sign-in where two kinds of factor are wanted. */
const asksForKinds = ['acr', 'authenticator']

/** What is asked of this person here. A reset is never asked for less than elsewhere. */
const rulesFor = async (
  deps: FlowDeps,
  { client: { second_factor: own = null } }: Visit,
  person: Person | null,
  intent: Facts['intent'],
): Promise<SecondFactorRules> => {
  const { mfa } = deps.settings().signIn
  const client = intent === 'reset' && own !== 'required' ? null : own
  if (!person || mfa.roles.length === 0) return secondFactorRules(mfa, client, [])
  const role = await deps.adminRole(person.id)
  return secondFactorRules(mfa, client, [...person.roles, ...(role ? [role] : [])])
}

/** What was the second step in this browser the last time comes first, except codes on paper. */
const inOwnOrder = async (
  deps: FlowDeps,
  { browser }: Visit,
  userId: string,
  ways: readonly Way[],
): Promise<readonly Way[]> => {
  if (!browser.returning || ways.length < 2) return ways
  const last = await deps.browsers.lastSecond(browser.hash, userId)
  if (!last || last === 'backup-code') return ways
  return ways.toSorted((a, b) => Number(b.method === last) - Number(a.method === last))
}

/** Whoever has to prove one factor in particular need not prove another first. */
const namedFirst = (
  { verifications: { methods } }: FlowDeps,
  { interaction: { named } }: Visit,
  ways: readonly Way[],
): readonly Way[] => {
  if (!named) return ways
  const fits = ({ method }: Way) => isNamed(methods.get(method)!.amr, named.values)
  return ways.toSorted((a, b) => Number(fits(b)) - Number(fits(a)))
}

/** Where a factor of some kind is needed, a message that is none would only be one step more. */
const inOrder = (strict: boolean, ways: readonly Way[]): readonly Way[] =>
  strict ? ways.toSorted((a, b) => Number(a.kind === null) - Number(b.kind === null)) : ways

/** What counts: what was proven here, and earlier in the session unless that is to be repeated. */
const proofsOf = (
  deps: FlowDeps,
  visit: Visit,
  wantsTwoKinds: boolean,
  counted: (proofs: readonly Proof[]) => Proof[],
): Proof[] => {
  const { session } = visit.interaction
  const proven = counted(visit.signIn?.verifications ?? [])
  const kept = session && addsToSession(visit) ? freshFactors(deps, session.factors) : []
  const earlier = counted(kept)
  // Two kinds are there, and yet two are asked for: they have lapsed, since nobody was here for long.
  const lapsed = visit.interaction.reasons.some((reason) => asksForKinds.includes(reason))
  if (wantsTwoKinds && lapsed && kindsOf(earlier).size > 1) return proven
  return [...earlier, ...proven]
}

const startsFrom = ({ verifications }: FlowDeps, method: MethodId, identifier: Identifier | null) =>
  identifier !== null &&
  verifications.methods.get(method)?.accepts.includes(identifier.type) === true

/** In the order that the settings give; a reset always goes by what can be sent. */
const firstWays = (deps: FlowDeps, identifier: Identifier, reset: boolean): Way[] => {
  const { methods } = deps.settings().signIn
  const ids: readonly MethodId[] = reset ? ['email-code', 'sms-code'] : methods
  return ids
    .filter((id) => startsFrom(deps, id, identifier))
    .map((id) => wayOf(deps, id, identifier))
    .filter((way, index, all) => all.findIndex((one) => sameMessage(one, way)) === index)
}

/** Every email has a code, and a link where links are on: two buttons would send the same twice. */
const sameMessage = (one: Way, other: Way): boolean =>
  one === other || (one.channel === 'email' && other.channel === 'email')

const wayOf = (
  { verifications }: FlowDeps,
  method: MethodId,
  identifier: Identifier | null,
): Way => {
  const { kind, channel } = verifications.methods.get(method)!
  return { method, kind, channel, identifier: channel ? identifier : null }
}

/** Ways that need to know the person, strongest first. */
const ownWays = (deps: FlowDeps, { identifiers, enrolled: has }: Person): Way[] => {
  // An imported account proves its first identifier as it signs in for the first time.
  const unproven = identifiers.every(({ verified }) => !verified)
  const reachable = identifiers.filter(({ verified }) => verified || unproven)
  const to = (type: 'phone' | 'email', method: MethodId, channel: 'sms' | 'email') =>
    reachable
      .filter(
        (identifier) =>
          identifier.type === type && deps.messaging.serves(channel, identifier.value),
      )
      .slice(0, 1)
      .map((identifier) => wayOf(deps, method, identifier))
  return [
    ...(has.totp ? [wayOf(deps, 'totp', null)] : []),
    ...to('phone', 'sms-code', 'sms'),
    ...to('email', 'email-code', 'email'),
    ...(has.password ? [wayOf(deps, 'password', null)] : []),
    ...(has.backupCodes > 0 ? [wayOf(deps, 'backup-code', null)] : []),
  ]
}
