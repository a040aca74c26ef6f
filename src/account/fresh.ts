import {
  type Acr,
  acrValues,
  assurance,
  type Factor,
  standsForApp,
} from '#src/verification/index.ts'
import type { AccountDeps } from './deps.ts'
import { freshSeconds, type Needed, neededFor, type Ways } from './policy.ts'

/** What is known of a sign-in. */
export interface Proven {
  /** When they last proved anything, to the second. */
  signedInAt: Date
  /** What an access token says, which vouches for no more; null on the pages. */
  acr: Acr | null
  /** What was proven in the session, and when. */
  factors: readonly Factor[]
}

/** What somebody is to be asked for, as an authorization request says it. */
export interface StepUp {
  acr: Acr
  maxAge: number
}

/**
 * What has to be proven before somebody may change their account. Only factors of the last `seconds`
 * count: a new weak one makes nothing of those before it new.
 *
 * @returns null where they have proven enough
 */
export const stepUpFor = (
  { signedInAt, acr, factors }: Proven,
  needed: Needed,
  seconds: number,
  now: number,
): StepUp | null => {
  const fresh = factors.filter(({ at }) => now - at <= seconds * 1000)
  const enough = suffices(fresh, needed, now)
  // In whole seconds, as the protocol counts `max_age`, which would else find nothing to ask for.
  const age = Math.floor(now / 1000) - Math.floor(signedInAt.getTime() / 1000)
  if (enough && age <= seconds && (acr === null || reaches(acr, needed.acr))) return null
  // The protocol looks at the newest factor alone: where an old one lacks, all of them are due.
  const adds = factors.length > 0 && fresh.length === factors.length
  return { acr: needed.acr, maxAge: enough || adds ? seconds : 0 }
}

/** The same by what somebody has set up, and what is offered here. */
export const stepUpOf = (
  { settings }: Pick<AccountDeps, 'settings'>,
  proven: Proven,
  ways: Ways,
): StepUp | null => {
  const { signIn, session } = settings()
  return stepUpFor(proven, neededFor(ways, signIn), freshSeconds(session), Date.now())
}

const suffices = (fresh: readonly Factor[], needed: Needed, now: number): boolean => {
  if (fresh.length === 0 || (needed.app && !fresh.some(standsForApp))) return false
  const whole = { now, usedAt: now, idleSeconds: 0, absoluteSeconds: Number.POSITIVE_INFINITY }
  return reaches(assurance(fresh, whole).acr, needed.acr)
}

const reaches = (acr: Acr, needed: Acr): boolean =>
  acrValues.indexOf(acr) >= acrValues.indexOf(needed)
