import type { FactorKind, Verification } from './contract.ts'

/** Authentication context classes that are told to relying parties, weakest first. */
export const acrValues = ['aal1', 'aal2', 'phr'] as const
export type Acr = (typeof acrValues)[number]

/** A verification as a session remembers it. */
export type Factor = Pick<Verification, 'method' | 'kind' | 'channel' | 'identifier' | 'amr'> & {
  /** Milliseconds since 1970. */
  at: number
}

export interface Assurance {
  acr: Acr
  amr: string[]
}

export interface Freshness {
  /** Milliseconds since 1970. */
  now: number
  /** When the session was last used; now, for what is being proven right now. */
  usedAt: number
  idleSeconds: number
  absoluteSeconds: number
}

/**
 * What a relying party is told of how somebody was recognised. Counts *kinds* of factor, as NIST
 * SP 800-63B-4 §2.2 does: a text message and an authenticator app are both possession. Two kinds
 * make `aal2`, a passkey that has verified its owner `phr`; both lapse sooner than the session does.
 */
export const assurance = (factors: readonly Factor[], fresh: Freshness): Assurance => {
  const idle = fresh.now - fresh.usedAt > fresh.idleSeconds * 1000
  const current = factors.filter(({ at }) => fresh.now - at <= fresh.absoluteSeconds * 1000)
  const counted = idle ? [] : current
  const two = kindsOf(counted).size > 1
  const amr = new Set(factors.flatMap((factor) => factor.amr))
  if (two) amr.add('mfa')
  const acr = counted.some(isPhishingResistant) ? 'phr' : two ? 'aal2' : 'aal1'
  return { acr, amr: [...amr].sort() }
}

/** Values of `amr` by which a relying party may name one factor (RFC 8176, and `email`). */
export const namedFactors: readonly string[] = ['pwd', 'otp', 'sms', 'email', 'hwk', 'swk']

/** Whether a way, or what was proven by it, is one of the factors that were named. */
export const isNamed = (amr: readonly string[], named: readonly string[]): boolean =>
  amr.some((value) => named.includes(value))

/** A passkey that has verified its owner: it is made for this site, and answers to no other. */
export const isPhishingResistant = ({ method, kind }: Pick<Factor, 'method' | 'kind'>): boolean =>
  method === 'passkey' && kind === 'inherence'

/** Who was verified by a passkey holds the device as well: that alone makes two kinds. */
export const kindsOf = (factors: readonly Pick<Factor, 'method' | 'kind'>[]): Set<FactorKind> =>
  new Set(
    factors.flatMap((factor) => {
      if (isPhishingResistant(factor)) return ['possession', 'inherence']
      return factor.kind ? [factor.kind] : []
    }),
  )

/**
 * The same factors where a text message counts for nothing: numbers can be taken over (NIST SP
 * 800-63B-4 §3.1.3.3), which is too little for whoever may change everything.
 */
export const withoutTexts = <F extends Pick<Factor, 'kind' | 'channel'>>(factor: F): F =>
  factor.channel === 'sms' ? { ...factor, kind: null } : factor

/** Whether `acr` is at least one of those that were asked for; values we do not know ask for nothing. */
export const satisfies = (acr: string | undefined, asked: readonly string[]): boolean => {
  const known = asked.filter((value): value is Acr => acrValues.includes(value as Acr))
  if (known.length === 0) return true
  const rank = acrValues.indexOf(acr as Acr)
  return known.some((value) => rank >= acrValues.indexOf(value))
}

export const factorOf = ({ at, method, kind, channel, identifier, amr }: Verification): Factor => ({
  method,
  kind,
  channel,
  identifier,
  amr,
  at: at.getTime(),
})

/**
 * Since when two kinds of factor have been proven, by the newest that make them: a new weak one makes
 * nothing of those before it new.
 *
 * @returns milliseconds since 1970; null where there are no two kinds
 */
export const twoKindsSince = (factors: readonly Factor[]): number | null => {
  const newest = factors.toSorted((one, other) => other.at - one.at)
  const last = newest.findIndex((_, at) => kindsOf(newest.slice(0, at + 1)).size > 1)
  return newest[last]?.at ?? null
}
