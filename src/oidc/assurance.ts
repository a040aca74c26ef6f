import type { KoaContextWithOIDC } from 'oidc-provider'
import type { Settings } from '#src/settings/contract.ts'
import {
  type Assurance,
  assurance,
  type Factor,
  isNamed,
  namedFactors,
} from '#src/verification/index.ts'
import { memo } from './storage/memo.ts'

/** What was proven in the session of this request. */
export const sessionFactors = (sessionUid: string | undefined): Factor[] => {
  const json = sessionUid ? memo().factors.get(sessionUid) : null
  return json ? JSON.parse(json) : []
}

/** How far a session in which this was proven vouches for its person right now. */
export const sessionAssurance = (
  factors: readonly Factor[],
  session: { exp?: number | undefined },
  { idleSeconds, aal2IdleSeconds, aal2AbsoluteSeconds }: Settings['session'],
  now = Date.now(),
): Assurance | null => {
  if (factors.length === 0) return null
  // A session is saved at each use with an expiry of `idleSeconds` from then.
  const usedAt = session.exp ? (session.exp - idleSeconds) * 1000 : now
  return assurance(factors, {
    now,
    usedAt: Math.max(usedAt, ...factors.map(({ at }) => at)),
    idleSeconds: aal2IdleSeconds,
    absoluteSeconds: aal2AbsoluteSeconds,
  })
}

/**
 * Context classes that the request asks for: `acr_values`, or the `acr` claim of the ID token
 * (OpenID Connect Core 1.0, §5.5.1.1).
 */
export const askedAcrs = ({
  oidc,
}: KoaContextWithOIDC): { asked: string[]; essential: boolean } => {
  const claim = oidc.claims?.id_token?.acr
  if (claim) {
    const values = Array.isArray(claim.values) ? claim.values : [claim.value]
    const asked = values.filter((value): value is string => typeof value === 'string')
    if (asked.length > 0) return { asked, essential: claim.essential === true }
  }
  const { acr_values } = oidc.params ?? {}
  return { asked: typeof acr_values === 'string' ? acr_values.split(' ') : [], essential: false }
}

/** Factors that a relying party names, any one of which has to have been proven. */
export interface NamedFactor {
  /** Values of `amr`. */
  values: readonly string[]
  /** So long ago at most; null: at any time that still counts. */
  maxAgeSeconds: number | null
}

interface AmrClaim {
  essential?: unknown
  value?: unknown
  values?: unknown
}

const amrClaim = (claims: unknown): AmrClaim | null =>
  (claims as { id_token?: { amr?: AmrClaim | null } } | null)?.id_token?.amr ?? null

/**
 * What the request names in the `amr` claim of the ID token, with its `max_age`. Names that nobody
 * knows ask for nothing.
 */
export const namedFactor = (claims: unknown, maxAge: unknown): NamedFactor | null => {
  const claim = amrClaim(claims)
  const asked = [claim?.values ?? claim?.value].flat()
  const values = namedFactors.filter((name) => asked.includes(name))
  if (values.length === 0) return null
  const seconds = maxAge === undefined ? Number.NaN : Number(maxAge)
  return { values, maxAgeSeconds: Number.isFinite(seconds) ? seconds : null }
}

/** Whether it insists on a factor without naming any that we know. */
export const insistsOnUnknown = (claims: unknown): boolean => {
  const claim = amrClaim(claims)
  const names = claim?.values !== undefined || claim?.value !== undefined
  return claim?.essential === true && names && namedFactor(claims, undefined) === null
}

/** Whether one of the named factors was proven lately enough for it to count. */
export const hasNamed = (
  factors: readonly Factor[],
  { values, maxAgeSeconds }: NamedFactor,
  { aal2AbsoluteSeconds }: Settings['session'],
  now = Date.now(),
): boolean => {
  const oldest = now - (maxAgeSeconds ?? aal2AbsoluteSeconds) * 1000
  return factors.some(({ amr, at }) => at >= oldest && isNamed(amr, values))
}
