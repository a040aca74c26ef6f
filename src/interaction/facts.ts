import type { Identifier } from '#src/users/contract.ts'
import {
  findPerson,
  isNamed,
  isPhishingResistant,
  kindsOf,
  type MethodId,
  type Person,
  type SecondFactorRules,
  satisfies,
  secondFactorRules,
  withoutTexts,
} from '#src/verification/index.ts'
import { appOf } from './app.ts'
import type { FlowDeps } from './deps.ts'
import { isInvited } from './identify.ts'
import { namedOf } from './named.ts'
import type { Facts, Proof, Way } from './policy.ts'
import { addsToSession, freshFactors } from './session.ts'
import type { SignIn } from './sign-in.ts'
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
  const wantsPasskey = asked.length > 0 && !satisfies('aal2', asked)
  const wantsTwoKinds = strict || (asked.length > 0 && !satisfies('aal1', asked))
  const proofs = proofsOf(deps, visit, { wantsTwoKinds, wantsPasskey }, counted)
  const own =
    person && (await inOwnOrder(deps, visit, person.id, inReach(visit, ownWays(deps, person))))
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
      hasPasskey: person.enrolled.passkeys > 0 && deps.verifications.passkey.isOn(),
      idleLong: person.idleLong,
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
    app: person && appOf(deps, visit, person, counted(own ?? [])),
    wantsApp: interaction.appWithin !== null,
    wantsTwoKinds,
    wantsPasskey,
    passkeys: deps.verifications.passkey.isOn(),
    offersPasskey: person !== null && (await offersPasskey(deps, visit, person)),
    wantsTheImpossible: wantsPasskey && !deps.verifications.passkey.isOn(),
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
  wants: { wantsTwoKinds: boolean; wantsPasskey: boolean },
  counted: (proofs: readonly Proof[]) => Proof[],
): Proof[] => {
  const { session } = visit.interaction
  const proven = counted(visit.signIn?.verifications ?? [])
  const kept = session && addsToSession(visit) ? freshFactors(deps, session.factors) : []
  const earlier = counted(kept)
  const reached = wants.wantsPasskey ? earlier.some(isPhishingResistant) : kindsOf(earlier).size > 1
  // What is asked for is there, and yet it is asked for: it has lapsed, since nobody was here for long.
  const lapsed = visit.interaction.reasons.some((reason) => asksForKinds.includes(reason))
  const all = wants.wantsTwoKinds && lapsed && reached ? proven : [...earlier, ...proven]
  return all.flatMap(byKind)
}

/** A passkey that has verified its owner proves two things. */
const byKind = (proof: Proof): Proof[] =>
  isPhishingResistant(proof) ? [{ ...proof, kind: 'possession' }, proof] : [proof]

/** Offered to whoever has none, in a browser that can, unless they have said no. */
const offersPasskey = async (
  { verifications: { passkey } }: FlowDeps,
  { signIn, browser }: Visit,
  { id, enrolled }: Person,
): Promise<boolean> => {
  if (!passkey.isOn() || enrolled.passkeys > 0 || !signIn) return false
  const { done, verifications } = signIn
  const able = done.includes('can-passkey') && verifications.length > 0
  return able && !(await passkey.isRefused(id, browser.hash))
}

/** After a password, the browser's password manager may make a passkey without asking anybody. */
export const canQuietly = ({ done, verifications }: SignIn): boolean =>
  done.includes('can-passkey-quietly') && verifications[0]?.method === 'password'

/** A passkey comes first, unless nobody has told that this browser knows of passkeys. */
const inReach = ({ interaction, signIn }: Visit, ways: readonly Way[]): Way[] => {
  const told = signIn?.done.includes('can-passkey') === true || interaction.session !== null
  const isPasskey = ({ method }: Way) => method === 'passkey'
  return told ? [...ways] : ways.toSorted((a, b) => Number(isPasskey(a)) - Number(isPasskey(b)))
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
  const { passkey } = deps.verifications
  return [
    // It can verify its owner, which says more than that they have the device.
    ...(has.passkeys > 0 && passkey.isOn()
      ? [{ ...wayOf(deps, 'passkey', null), kind: 'inherence' as const }]
      : []),
    ...(has.totp ? [wayOf(deps, 'totp', null)] : []),
    ...to('phone', 'sms-code', 'sms'),
    ...to('email', 'email-code', 'email'),
    ...(has.password ? [wayOf(deps, 'password', null)] : []),
    ...(has.backupCodes > 0 ? [wayOf(deps, 'backup-code', null)] : []),
  ]
}
