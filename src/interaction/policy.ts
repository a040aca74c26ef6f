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
  user: { blocked: boolean; hasPassword: boolean; hasTotp: boolean; ways: readonly Way[] } | null
  done: readonly Mark[]
  registration: Registration
  registrationDomains: readonly string[]
  /** Whoever has this identifier was invited, and has not come yet. */
  invited: boolean
  profile: readonly ProfileField[]
  mfa: { afterPassword: SecondFactorPolicy; afterPasswordless: SecondFactorPolicy }
  /** Two kinds of factor are asked for by the relying party. */
  wantsTwoKinds: boolean
  /** More is asked for than anybody can reach here. */
  wantsTheImpossible: boolean
}

export type Step =
  | { kind: 'consent' }
  | { kind: 'choose-account' }
  | { kind: 'identify' }
  | { kind: 'verify'; second: boolean; ways: readonly [Way, ...Way[]] }
  | { kind: 'profile'; fields: readonly ProfileField[] }
  | { kind: 'new-password'; reason: 'reset' | 'second-factor' }
  | { kind: 'enroll-totp' }
  | { kind: 'backup-codes' }
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
  const second = secondStep(facts, user)
  if (second) return second
  if (intent === 'reset' && !done.includes('new-password')) {
    return { kind: 'new-password', reason: 'reset' }
  }
  return { kind: 'finish' }
}

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
    return { kind: 'enroll-totp' }
  }
  const ways = facts.firstWays.filter(
    ({ method }) => method !== 'password' || (intent !== 'reset' && (!registers || user !== null)),
  )
  return verify(ways, facts.chosen, false) ?? { kind: 'identify' }
}

const fieldsFor = ({ profile }: Facts, { type }: Identifier): ProfileField[] => {
  const fields = profile.filter((field) => !(field === 'username' && type === 'username'))
  // A username can only come back with a password.
  return type === 'username' && !fields.includes('password') ? [...fields, 'password'] : fields
}

/** Another method over another channel; or, where it is asked for, another kind of factor. */
const secondStep = (facts: Facts, user: NonNullable<Facts['user']>): Step | null => {
  const { proofs, chosen, done, wantsTwoKinds } = facts
  const kinds = new Set(proofs.flatMap(({ kind }) => (kind ? [kind] : [])))
  const used = new Set(proofs.map(({ method }) => family(method)))
  const channels = new Set(proofs.flatMap(({ channel }) => (channel ? [channel] : [])))
  const others = user.ways.filter(
    ({ method, channel }) => !used.has(family(method)) && !(channel && channels.has(channel)),
  )

  if (wantsTwoKinds && kinds.size < 2) {
    const newKind = others.filter(({ kind }) => kind !== null && !kinds.has(kind))
    // Whoever adds a factor shows first as much as the account can ask for, or a stolen password
    // would be enough to add one's own.
    const step =
      verify(newKind, chosen, true) ?? (used.size > 1 ? null : verify(others, chosen, true))
    if (step) return step
    if (!kinds.has('possession')) return { kind: 'enroll-totp' }
    return user.hasPassword ? { kind: 'unmet' } : { kind: 'new-password', reason: 'second-factor' }
  }

  // An authenticator app that was set up in this sign-in is not asked for once more.
  const enrolled = done.includes('totp') && used.has('totp')
  if (used.size > 1 || enrolled || !needsSecond(facts, user, others)) return null
  // A password is no second step for those who came without one, unless two kinds are asked for.
  const offered = others.filter(({ method }) => method !== 'password')
  return verify(offered, chosen, true) ?? { kind: 'enroll-totp' }
}

const needsSecond = (
  { intent, proofs, mfa, passwordless }: Facts,
  user: NonNullable<Facts['user']>,
  others: readonly Way[],
): boolean => {
  const asks = (policy: SecondFactorPolicy) =>
    policy === 'required' || (policy === 'when_enrolled' && user.hasTotp)
  if (proofs[0]?.method === 'password') return asks(mfa.afterPassword)
  if (intent !== 'reset') return asks(mfa.afterPasswordless)
  // A reset never skips the second factor of the password that it replaces. Whoever may sign in by
  // the same message without a password has nothing to gain from the reset.
  const other = others.some(({ method }) => method !== 'password')
  if (other && mfa.afterPassword !== 'off') return true
  return asks(passwordless ? mfa.afterPasswordless : mfa.afterPassword)
}

const verify = (ways: readonly Way[], chosen: MethodId | null, second: boolean): Step | null => {
  const [first, ...rest] = ways
  if (!first) return null
  const picked = ways.find(({ method }) => method === chosen)
  if (!picked) return { kind: 'verify', second, ways: [first, ...rest] }
  return { kind: 'verify', second, ways: [picked, ...ways.filter((way) => way !== picked)] }
}

/** A link and a code that come in one message are one way. */
export const family = (method: MethodId): string =>
  method === 'backup-code' ? 'totp' : method.replace(/-(code|link)$/, '')
