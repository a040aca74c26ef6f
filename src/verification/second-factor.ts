import type { SecondFactorPolicy, Settings } from '#src/settings/contract.ts'
import { type Factor, isPhishingResistant, kindsOf } from './assurance.ts'

export interface SecondFactorRules {
  afterPassword: SecondFactorPolicy
  afterPasswordless: SecondFactorPolicy
}

/**
 * When one person is asked for a second factor at one application. A role that always needs one comes
 * before what the application says, and that before what holds everywhere.
 */
export const secondFactorRules = (
  { roles, ...everywhere }: Settings['signIn']['mfa'],
  client: SecondFactorPolicy | null,
  own: readonly string[],
): SecondFactorRules => {
  const always = own.some((role) => roles.includes(role))
  const one = always ? 'required' : client
  return one ? { afterPassword: one, afterPasswordless: one } : everywhere
}

/** What somebody has set up to come second. */
export interface SetUp {
  totp: boolean
  passkey: boolean
}

type Proven = Pick<Factor, 'method' | 'kind' | 'channel'>

const isApp = ({ method }: Pick<Proven, 'method'>): boolean =>
  method === 'totp' || method === 'backup-code'

/** A code of the app or of the paper that stands in for it, or a passkey that verifies its owner. */
export const standsForApp = (factor: Pick<Proven, 'method' | 'kind'>): boolean =>
  isApp(factor) || isPhishingResistant(factor)

/**
 * Whether what was proven in a session is less than the rules ask of whoever signs in. A first factor
 * is followed by another way, over another channel; an authenticator app is a second one by nature,
 * and a passkey one after a password.
 */
export const lacksSecondFactor = (
  factors: readonly Proven[],
  rules: SecondFactorRules,
  setUp: SetUp,
): boolean => {
  const [first] = factors
  if (!first || kindsOf(factors).size > 1) return false
  const ways = new Set(factors.map(({ channel, method }) => channel ?? method))
  if (ways.size > 1 || factors.some(isApp)) return false
  const [rule, enrolled] =
    first.method === 'password'
      ? [rules.afterPassword, setUp.totp || setUp.passkey]
      : [rules.afterPasswordless, setUp.totp]
  return rule === 'required' || (rule === 'when_enrolled' && enrolled)
}
