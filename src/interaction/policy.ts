import type { ProfileField, Registration, SecondFactorPolicy } from '#src/settings/contract.ts'
import type { Identifier } from '#src/users/contract.ts'
import type { FactorKind, MethodId } from '#src/verification/contract.ts'
import type { Intent, Mark } from './sign-in.ts'

/** A method that can be asked for now, and where it would send something. */
export interface Way {
  method: MethodId
  kind: FactorKind | null
  channel: 'sms' | 'email' | null
  identifier: Identifier | null
}

/** Something proven, now or earlier in the session. */
export type Proof = Pick<Way, 'method' | 'kind' | 'channel'>

/** A factor that has to be proven anew, whatever else has been. */
export interface Named {
  /** Ways in which the person can. */
  ways: readonly Way[]
  /** What would give them one. */
  enrol: 'totp' | 'password' | null
}

export interface Facts {
  prompt: 'login' | 'consent' | 'select_account' | 'create'
  intent: Intent
  identifier: Identifier | null
  /** The page that the person has asked for. */
  chosen: MethodId | null
  proofs: readonly Proof[]
  /** Ways to begin from the identifier, in the order offered; for a reset, what can be sent. */
  firstWays: readonly Way[]
  /** A message alone may sign in whoever has this identifier. */
  passwordless: boolean
  /** The person, once proven; null while nobody is, or where there is no account yet. */
  user: {
    blocked: boolean
    hasPassword: boolean
    hasTotp: boolean
    hasPasskey: boolean
    /** For so long not signed in that a number may have been given to somebody else. */
    idleLong: boolean
    ways: readonly Way[]
  } | null
  done: readonly Mark[]
  registration: Registration
  registrationDomains: readonly string[]
  /** Whoever has this identifier was invited, and has not come yet. */
  invited: boolean
  profile: readonly ProfileField[]
  /** As it holds for this person at this application. */
  mfa: { afterPassword: SecondFactorPolicy; afterPasswordless: SecondFactorPolicy }
  /** The person has asked not to be asked for a second factor in this browser. */
  trusted: boolean
  /** The factor that the relying party names; null where it names none, or it is proven already. */
  named: Named | null
  /** Ways to show the authenticator app that the person has; null where they have none or have shown it. */
  app: readonly Way[] | null
  /** They come to change their account, for which whoever has an app shows it. */
  wantsApp: boolean
  /** Two kinds of factor are asked for by the relying party. */
  wantsTwoKinds: boolean
  /** A passkey that verifies the person is asked for by the relying party. */
  wantsPasskey: boolean
  /** Passkeys are in use here. */
  passkeys: boolean
  /** The browser can make one, and the person has none and does not mind the question. */
  offersPasskey: boolean
  /** More is asked for than anybody can reach here. */
  wantsTheImpossible: boolean
}

export type Step =
  | { kind: 'consent' }
  | { kind: 'choose-account' }
  | { kind: 'identify' }
  | {
      kind: 'verify'
      second: boolean
      /** The policy alone asks: the browser may be trusted instead, from the next time on. */
      mayTrust: boolean
      ways: readonly [Way, ...Way[]]
    }
  | { kind: 'profile'; fields: readonly ProfileField[] }
  | { kind: 'new-password'; reason: 'reset' | 'second-factor' }
  | { kind: 'enroll-totp' }
  | { kind: 'backup-codes' }
  | { kind: 'enroll-passkey' }
  | { kind: 'offer-passkey' }
  | { kind: 'finish' }
  | { kind: 'unmet' }
  | { kind: 'blocked' }

/**
 * Decides what happens next in a sign-in, from what is known and nothing else. No clock, no
 * database, no request: the same facts always give the same step.
 */
export function nextStep(facts: Facts): Step {
  const { prompt, intent, identifier, user, done, proofs } = facts
  if (prompt === 'consent') return { kind: 'consent' }
  if (prompt === 'select_account' && !identifier) return { kind: 'choose-account' }
  if (facts.wantsTheImpossible) return { kind: 'unmet' }
  if (user?.blocked) return { kind: 'blocked' }
  if (!identifier) return { kind: 'identify' }

  if (proofs.length === 0) return firstStep(facts, identifier)
  if (!user) {
    if (!mayRegister(facts, identifier)) return { kind: 'blocked' }
    return { kind: 'profile', fields: fieldsFor(facts, identifier) }
  }

  if (done.includes('totp') && !done.includes('backup-codes')) return { kind: 'backup-codes' }
  const app = facts.app && verify(facts.app, facts.chosen, true)
  const wanted = facts.wantsApp ? app : null
  const due =
    namedStep(facts, user) ??
    (facts.wantsPasskey ? null : wanted) ??
    secondStep(facts, user) ??
    wanted
  // Or whoever has nothing but the mailbox would add something of their own, and need no app then.
  if (due) return app && adds(due) ? app : due
  if (intent === 'reset' && !done.includes('new-password')) {
    return { kind: 'new-password', reason: 'reset' }
  }
  if (facts.offersPasskey && !app && !done.includes('passkey-offer'))
    return { kind: 'offer-passkey' }
  return { kind: 'finish' }
}

/** Whether a step gives the person a factor that they did not have. */
const adds = (step: Step): boolean =>
  /^enroll-/.test(step.kind) || (step.kind === 'new-password' && step.reason === 'second-factor')

type Rules = Pick<Facts, 'registration' | 'registrationDomains'>

/** Whether somebody new may register with this identifier, and everybody may know that. */
export const isOpenTo = (
  { registration, registrationDomains }: Rules,
  { type, value }: Identifier,
): boolean => {
  if (registration !== 'domains') return registration === 'open'
  return type === 'email' && registrationDomains.includes(value.slice(value.lastIndexOf('@') + 1))
}

/** The same, once they have proven that it is theirs: only then do they hear of an invitation. */
export const mayRegister = (
  rules: Rules & Pick<Facts, 'invited'>,
  identifier: Identifier,
): boolean => isOpenTo(rules, identifier) || (rules.registration === 'invited' && rules.invited)

/** Nobody is proven yet. A username proves nothing by itself, so its account is made first. */
const firstStep = (facts: Facts, identifier: Identifier): Step => {
  const { intent, user, done, mfa } = facts
  const registers = intent === 'create' && isOpenTo(facts, identifier)
  if (registers && identifier.type === 'username' && !user) {
    return { kind: 'profile', fields: fieldsFor(facts, identifier) }
  }
  // The password was set a moment ago: the second factor tells more than typing it once more.
  if (user && done.includes('created') && mfa.afterPassword === 'required' && !user.hasTotp) {
    return enrolment(facts)
  }
  // Whoever is signed in already, and has to show more than once: one passkey is all of it.
  const own = facts.wantsTwoKinds && user ? user.ways.filter(isPasskey) : []
  if (own.length > 0) {
    const others = facts.wantsPasskey ? [] : facts.firstWays.filter((way) => !isPasskey(way))
    return verify([...own, ...others], facts.chosen, true)!
  }
  const ways = facts.firstWays.filter(
    ({ method }) => method !== 'password' || (intent !== 'reset' && (!registers || user !== null)),
  )
  return verify(ways, facts.chosen, false) ?? { kind: 'identify' }
}

const isPasskey = ({ method }: Way): boolean => method === 'passkey'

const fieldsFor = ({ profile }: Facts, { type }: Identifier): ProfileField[] => {
  const fields = profile.filter((field) => !(field === 'username' && type === 'username'))
  // A username can only come back with a password.
  return type === 'username' && !fields.includes('password') ? [...fields, 'password'] : fields
}

type User = NonNullable<Facts['user']>

/** What was used already, and what the person has beside it: other methods over other channels. */
const beside = ({ proofs }: Facts, user: User): { used: Set<string>; others: readonly Way[] } => {
  const used = new Set(proofs.map(({ method }) => family(method)))
  const channels = new Set(proofs.flatMap(({ channel }) => (channel ? [channel] : [])))
  const others = user.ways.filter(
    ({ method, channel }) => !used.has(family(method)) && !(channel && channels.has(channel)),
  )
  return { used, others }
}

/** The very factor that was named, or how the person gets it. */
const namedStep = (facts: Facts, user: User): Step | null => {
  const { named, chosen } = facts
  if (!named) return null
  const { used, others } = beside(facts, user)
  const step = verify(named.ways, chosen, true)
  if (step || !named.enrol) return step ?? { kind: 'unmet' }
  const more = used.size > 1 ? null : verify(others, chosen, true)
  if (more) return more
  return named.enrol === 'totp'
    ? { kind: 'enroll-totp' }
    : { kind: 'new-password', reason: 'second-factor' }
}

/** Another method over another channel; or, where it is asked for, another kind of factor. */
const secondStep = (facts: Facts, user: User): Step | null => {
  const { proofs, chosen, wantsTwoKinds, trusted, intent } = facts
  const kinds = new Set(proofs.flatMap(({ kind }) => (kind ? [kind] : [])))
  const { used, others } = beside(facts, user)

  if (facts.wantsPasskey && !kinds.has('inherence')) {
    const own = user.ways.filter(isPasskey)
    const before = used.size > 1 ? null : verify(others, chosen, true)
    return verify(own, chosen, true) ?? before ?? { kind: 'enroll-passkey' }
  }
  if (wantsTwoKinds && kinds.size < 2) {
    const newKind = others.filter(({ kind }) => kind !== null && !kinds.has(kind))
    // Whoever adds a factor shows first as much as the account can ask for, or a stolen password
    // would be enough to add one's own.
    const step =
      verify(newKind, chosen, true) ?? (used.size > 1 ? null : verify(others, chosen, true))
    if (step) return step
    if (!kinds.has('possession')) return enrolment(facts)
    if (chosen === 'passkey' && facts.passkeys) return { kind: 'enroll-passkey' }
    return user.hasPassword ? { kind: 'unmet' } : { kind: 'new-password', reason: 'second-factor' }
  }

  // Whoever has the number now need not be who had it then. A password is not asked of whoever forgot it.
  if (user.idleLong && proofs.every(({ channel }) => channel === 'sms')) {
    const more = others.filter(({ method }) => intent !== 'reset' || method !== 'password')
    const step = verify(more, chosen, true)
    if (step) return step
  }

  // An authenticator app is a second factor by nature: where it was set up, it came first.
  const enough = used.size > 1 || kinds.size > 1 || used.has('totp')
  if (enough || !needsSecond(facts, user, others)) return null
  if (trusted && intent !== 'reset') return null
  // A password is no second step for those who came without one, unless two kinds are asked for.
  const offered = others.filter(({ method }) => method !== 'password')
  return verify(offered, chosen, true, intent !== 'reset') ?? enrolment(facts)
}

/** An authenticator app, unless the person has asked for a passkey instead. */
const enrolment = ({ chosen, passkeys }: Facts): Step => ({
  kind: chosen === 'passkey' && passkeys ? 'enroll-passkey' : 'enroll-totp',
})

/**
 * A passkey is a way in of its own: that somebody has one asks nobody for more who comes by message,
 * or a person without the device at hand could not come in at all.
 */
const needsSecond = (
  { intent, proofs, mfa, passwordless }: Facts,
  user: User,
  others: readonly Way[],
): boolean => {
  const asks = (policy: SecondFactorPolicy) =>
    policy === 'required' || (policy === 'when_enrolled' && user.hasTotp)
  const afterPassword =
    asks(mfa.afterPassword) || (mfa.afterPassword === 'when_enrolled' && user.hasPasskey)
  if (proofs[0]?.method === 'password') return afterPassword
  if (intent !== 'reset') return asks(mfa.afterPasswordless)
  // A reset never skips the second factor of the password that it replaces. Whoever may sign in by
  // the same message without a password has nothing to gain from the reset.
  const other = others.some(({ method }) => method !== 'password' && method !== 'passkey')
  if (other && mfa.afterPassword !== 'off') return true
  return passwordless ? asks(mfa.afterPasswordless) : afterPassword
}

const verify = (
  ways: readonly Way[],
  chosen: MethodId | null,
  second: boolean,
  mayTrust = false,
): Step | null => {
  const [first, ...rest] = ways
  if (!first) return null
  const picked = ways.find(({ method }) => method === chosen)
  if (!picked) return { kind: 'verify', second, mayTrust, ways: [first, ...rest] }
  const others = ways.filter((way) => way !== picked)
  return { kind: 'verify', second, mayTrust, ways: [picked, ...others] }
}

/** A link and a code that come in one message are one way. */
export const family = (method: MethodId): string =>
  method === 'backup-code' ? 'totp' : method.replace(/-(code|link)$/, '')
