import type { IdentifierType } from '#src/users/contract.ts'
import type { MethodId } from '#src/verification/contract.ts'

export type SecondFactorPolicy = 'required' | 'when_enrolled' | 'off'
export type ProfileField = 'name' | 'username' | 'password'
/** `invited`: those with an open invitation; `domains`: emails of the domains that are listed. */
export type Registration = 'open' | 'closed' | 'invited' | 'domains'

/** Whether the first page offers to make an account: whoever was invited finds the way by that. */
export const offersAccounts = (registration: string): boolean =>
  registration === 'open' || registration === 'domains'

export type LinkMode = 'code_handoff' | 'same_browser' | 'sign_in_here' | 'number_match'

/** What an admin changes while it runs. Every value has a default; see `defaults.ts`. */
export interface Settings {
  signIn: {
    identifiers: readonly IdentifierType[]
    /** In the order offered. */
    methods: readonly MethodId[]
    registration: Registration
    /** Of email addresses, where registration is open to `domains`. */
    registrationDomains: readonly string[]
    /** What is asked for at registration. */
    profile: readonly ProfileField[]
    mfa: {
      afterPassword: SecondFactorPolicy
      afterPasswordless: SecondFactorPolicy
      /** Whoever has one of these roles, in applications or here, always needs a second factor. */
      roles: readonly string[]
    }
    /** Of links, for applications that say nothing else. */
    linkMode: LinkMode
    /** None offered: every language that there are words in. */
    languages: { default: string; offered: readonly string[] }
  }
  codes: {
    length: number
    smsTtlSeconds: number
    smsLinkTtlSeconds: number
    emailTtlSeconds: number
    tries: number
  }
  limits: {
    /** Wait before the 2nd, 3rd, … message to one identifier. */
    resendSeconds: readonly number[]
    sendsPerHour: number
    sendsPerDay: number
    /** Per address (/24, /64) and window. */
    sendsPerAddress: number
    addressWindowSeconds: number
    /** Failures in a row that close a factor. */
    failures: number
    /** First closure; doubles each time up to a day. */
    lockSeconds: number
  }
  session: {
    idleSeconds: number
    absoluteSeconds: number
    /** How long two factors count. */
    aal2IdleSeconds: number
    aal2AbsoluteSeconds: number
    /** For how long a browser may be trusted to skip the second factor; −1: no browser is. */
    trustedDeviceDays: number
  }
  password: { minLength: number; minLengthWithSecondFactor: number }
  /** Sites of other hosts that may use the passkeys of this one. */
  passkeys: { relatedOrigins: readonly string[] }
  /** For those who have lost all their second factors. */
  recovery: {
    /** What they are told; null: our words. */
    text: string | null
    /** Whether they may ask for a reset, which an admin approves. */
    reset: 'off' | 'approval'
    /** Between the approval and the reset, so that the person can object. */
    waitHours: number
  }
  /** Events that are older are deleted; what they have added up to stays. */
  audit: { retentionDays: number }
  /** Pages of people's own accounts. `graceDays`: how long a deletion can be taken back. */
  account: { deletion: 'self' | 'off'; graceDays: number }
  branding: {
    name: string
    logoUri: string | null
    /** `#rrggbb` */
    color: string
    helpUri: string | null
    termsUri: string | null
    privacyUri: string | null
  }
  /** What pages say instead of our words, by language and key; null: ours. */
  words: Readonly<Record<string, Readonly<Record<string, string | null>>>>
  resources: readonly Resource[]
  /** For automated tests: a code that is always the same, and no message. Never of an admin. */
  testIdentifiers: readonly TestIdentifier[]
}

/** An API that access tokens can be asked for (RFC 8707). */
export interface Resource {
  indicator: string
  scopes: readonly string[]
  accessTokenTtlSeconds: number
}

export interface TestIdentifier {
  /** Canonical: E.164, or an email address in lower case. */
  identifier: string
  /** As many digits as codes have. */
  code: string
}
