import type { Identifier } from '#src/users/contract.ts'
import {
  findPerson,
  kindsOf,
  type MethodId,
  type Person,
  satisfies,
  withoutTexts,
} from '#src/verification/index.ts'
import type { FlowDeps } from './deps.ts'
import { isInvited } from './identify.ts'
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

  return {
    prompt: interaction.prompt,
    intent,
    identifier,
    chosen: signIn?.method ?? null,
    proofs: proofsOf(deps, visit, wantsTwoKinds, counted),
    firstWays: identifier
      ? inOrder(strict, counted(firstWays(deps, identifier, intent === 'reset')))
      : [],
    passwordless: experience.methods.some(
      (method) => method !== 'password' && startsFrom(deps, method, identifier),
    ),
    user: person && {
      blocked: person.blocked,
      hasPassword: person.enrolled.password,
      hasTotp: person.enrolled.totp,
      ways: counted(ownWays(deps, person)),
    },
    done: signIn?.done ?? [],
    registration: experience.registration,
    registrationDomains: experience.registrationDomains,
    invited: person === null && (await isInvited(deps, identifier)),
    profile: experience.profile,
    mfa: experience.mfa,
    wantsTwoKinds,
    wantsTheImpossible: asked.length > 0 && !satisfies('aal2', asked),
  }
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
  if (wantsTwoKinds && kindsOf(earlier).size > 1) return proven
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
