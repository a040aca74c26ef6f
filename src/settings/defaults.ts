import type { Settings } from './contract.ts'

const minute = 60
const hour = 3600
const day = 86_400

/** What holds until somebody says otherwise. */
export const defaultSettings: Settings = {
  signIn: {
    identifiers: ['email', 'phone'],
    methods: ['email-link', 'email-code', 'sms-code', 'password', 'passkey'],
    registration: 'open',
    registrationDomains: [],
    profile: ['name'],
    mfa: { afterPassword: 'required', afterPasswordless: 'when_enrolled', roles: [] },
    linkMode: 'code_handoff',
    languages: { default: 'en', offered: [] },
  },
  codes: {
    // NIST SP 800-63B-4, 3.1.3.2: six digits at least, ten minutes at most.
    length: 6,
    smsTtlSeconds: 5 * minute,
    smsLinkTtlSeconds: 15 * minute,
    emailTtlSeconds: 10 * minute,
    tries: 5,
  },
  limits: {
    resendSeconds: [30, 60, 120, 300],
    sendsPerHour: 5,
    sendsPerDay: 10,
    sendsPerAddress: 30,
    addressWindowSeconds: 10 * minute,
    failures: 10,
    lockSeconds: 15 * minute,
  },
  session: {
    // NIST SP 800-63B-4, 2.1.3 and 2.2.3: thirty days; with two factors an hour idle, a day in all.
    idleSeconds: 14 * day,
    absoluteSeconds: 30 * day,
    aal2IdleSeconds: hour,
    aal2AbsoluteSeconds: day,
    trustedDeviceDays: 90,
  },
  // NIST SP 800-63B-4, 3.1.1.2.
  password: { minLength: 15, minLengthWithSecondFactor: 8 },
  passkeys: { relatedOrigins: [] },
  recovery: { text: null, reset: 'off', waitHours: 24 },
  audit: { retentionDays: 365 },
  account: { deletion: 'self', graceDays: 14 },
  branding: {
    name: 'Avouch',
    logoUri: null,
    color: '#1f5f8b',
    helpUri: null,
    termsUri: null,
    privacyUri: null,
  },
  words: {},
  resources: [],
  testIdentifiers: [],
}
