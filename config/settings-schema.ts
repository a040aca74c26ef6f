/**
 * What settings may be: the ranges, in one place, for the configuration file, the console and what
 * was stored. Floors and ceilings are those of NIST SP 800-63B-4 and OWASP ASVS 5.0.
 */
import { domainToASCII } from 'node:url'
import { z } from 'zod'
import type { Settings } from '#src/settings/contract.ts'
import type { IdentifierType } from '#src/users/contract.ts'
import type { MethodId } from '#src/verification/contract.ts'
import { brandColor, color } from './color-schema.ts'
import { webUriFault } from './uris.ts'

const seconds = (least: number, most: number) => z.int().min(least).max(most)
const minute = 60
const day = 86_400

const distinct = <T extends z.ZodType>(each: T) =>
  z.array(each).refine((all) => new Set(all).size === all.length, 'may name nothing twice')

export const webUri = z.string().superRefine((text, ctx) => {
  const message = webUriFault(text)
  if (message) ctx.addIssue({ code: 'custom', message, input: text })
})

/** A name that people read: one line, nothing invisible in it. */
export const shortName = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .regex(/^[^\p{C}\u2028\u2029]*$/u, 'may hold no control or invisible characters')

const languageTag = z.string().refine(
  (tag) => {
    try {
      return Intl.getCanonicalLocales(tag).length === 1
    } catch {
      return false
    }
  },
  { error: 'has to be a language tag, such as en or de-CH' },
)

/** Second steps (`totp`, `backup-code`) offer themselves to those who have them. */
const firstMethods = [
  'email-link',
  'email-code',
  'sms-code',
  'sms-link',
  'password',
] as const satisfies readonly MethodId[]

const waysIn: Record<IdentifierType, readonly MethodId[]> = {
  email: ['email-link', 'email-code', 'password'],
  phone: ['sms-code', 'sms-link', 'password'],
  username: ['password'],
}

/** Nobody may be asked for what leads nowhere. */
const everyIdentifierLeadsIn = (
  signIn: { identifiers?: IdentifierType[] | undefined; methods?: MethodId[] | undefined },
  ctx: z.RefinementCtx,
) => {
  const { identifiers, methods } = signIn
  if (!identifiers || !methods) return
  for (const type of identifiers) {
    const ways = waysIn[type]
    if (ways.some((way) => methods.includes(way))) continue
    const message = `has nothing for those who give their ${type}: add ${ways.join(' or ')}`
    ctx.addIssue({ code: 'custom', path: ['methods'], message, input: methods })
  }
}

const notLongerThan =
  <Key extends string>(shorter: Key, longer: Key) =>
  (values: Partial<Record<Key, number | undefined>>, ctx: z.RefinementCtx) => {
    const [low, high] = [values[shorter], values[longer]]
    if (low === undefined || high === undefined || low <= high) return
    const message = `may not be more than ${high}, which limits it`
    ctx.addIssue({ code: 'custom', path: [shorter], message, input: low })
  }

const policy = z.enum(['required', 'when_enrolled', 'off'])
const mfa = z.object({ afterPassword: policy, afterPasswordless: policy })
/** What a link does in a browser that did not ask for it. */
export const linkMode = z.enum(['code_handoff', 'same_browser'])
const languages = z.object({ default: languageTag, offered: distinct(languageTag) })

/** As canonical addresses have it; subdomains are others. */
const emailDomain = z
  .string()
  .max(253)
  .overwrite((domain) => domainToASCII(domain) || domain)
  .regex(
    /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/,
    'has to be a domain like example.com',
  )

const domainsAreListed = (
  { registration, registrationDomains }: Settings['signIn'],
  ctx: z.RefinementCtx,
) => {
  if (registration !== 'domains' || registrationDomains.length > 0) return
  const message = 'is empty, though registration is open to the domains that it lists'
  ctx.addIssue({
    code: 'custom',
    path: ['registrationDomains'],
    message,
    input: registrationDomains,
  })
}

const signIn = z.object({
  identifiers: distinct(z.enum(['email', 'phone', 'username'])).min(1),
  methods: distinct(z.enum(firstMethods)).min(1).meta({ ordered: true }),
  registration: z.enum(['open', 'closed', 'invited', 'domains']),
  registrationDomains: distinct(emailDomain).max(1000),
  profile: distinct(z.enum(['name', 'username', 'password'])),
  mfa,
  linkMode,
  languages,
})

const defaultIsOffered = ({ languages }: Settings['signIn'], ctx: z.RefinementCtx) => {
  if (languages.offered.length === 0 || languages.offered.includes(languages.default)) return
  ctx.addIssue({
    code: 'custom',
    path: ['languages', 'default'],
    message: 'has to be one of the languages that are offered',
    input: languages.default,
  })
}

type SessionLengths = Partial<Record<keyof Settings['session'], number | undefined>>

const sessionsEnd = (values: SessionLengths, ctx: z.RefinementCtx) => {
  notLongerThan('idleSeconds', 'absoluteSeconds')(values, ctx)
  notLongerThan('aal2IdleSeconds', 'aal2AbsoluteSeconds')(values, ctx)
}
const hourWithinDay = notLongerThan('sendsPerHour', 'sendsPerDay')
const shorterWithSecondFactor = notLongerThan('minLengthWithSecondFactor', 'minLength')

const codes = z.object({
  length: z.int().min(6).max(10),
  smsTtlSeconds: seconds(minute, 10 * minute),
  smsLinkTtlSeconds: seconds(minute, 15 * minute),
  emailTtlSeconds: seconds(minute, 10 * minute),
  tries: z.int().min(1).max(10),
})

const limits = z.object({
  resendSeconds: z.array(seconds(0, day)).min(1).max(10),
  sendsPerHour: z.int().min(1).max(1000),
  sendsPerDay: z.int().min(1).max(10_000),
  sendsPerAddress: z.int().min(1).max(100_000),
  addressWindowSeconds: seconds(minute, day),
  failures: z.int().min(3).max(100),
  lockSeconds: seconds(minute, day),
})

const session = z.object({
  idleSeconds: seconds(5 * minute, 30 * day),
  absoluteSeconds: seconds(5 * minute, 30 * day),
  aal2IdleSeconds: seconds(minute, day),
  aal2AbsoluteSeconds: seconds(minute, day),
})

const password = z.object({
  minLength: z.int().min(8).max(64),
  minLengthWithSecondFactor: z.int().min(8).max(64),
})

const audit = z.object({ retentionDays: z.int().min(1).max(3653) })

const branding = z.object({
  name: shortName,
  logoUri: webUri.nullable(),
  color,
  helpUri: webUri.nullable(),
  termsUri: webUri.nullable(),
  privacyUri: webUri.nullable(),
})

const resource = z.object({
  indicator: z.string().refine((uri) => URL.canParse(uri) && !/[#\s*]/.test(uri), {
    error: 'has to be an absolute URI without a fragment (RFC 8707, section 2)',
  }),
  scopes: distinct(
    z
      .string()
      .max(128)
      .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'is no scope: no spaces, quotes or backslashes'),
  ).max(200),
  accessTokenTtlSeconds: seconds(minute, day).default(15 * minute),
})

const resources = z
  .array(resource)
  .max(200)
  .superRefine((all, ctx) => {
    for (const [index, { indicator }] of all.entries()) {
      if (all.findIndex((one) => one.indicator === indicator) === index) continue
      const message = 'is there twice'
      ctx.addIssue({ code: 'custom', path: [index, 'indicator'], message, input: indicator })
    }
  })

const ownWords = z.record(
  languageTag,
  z.record(
    z.string().regex(/^[\w.-]{1,100}$/),
    z
      .string()
      .min(1)
      .max(1000)
      .regex(/^[^\p{Cc}\u2028\u2029]*$/u, 'may hold no control characters')
      .nullable(),
  ),
)

const testIdentifiers = z
  .array(
    z.strictObject({
      identifier: z
        .string()
        .regex(
          /^(?:\+[1-9]\d{6,14}|[^\s@A-Z]{1,64}@[^\s@A-Z]{3,254})$/,
          'has to be like +12015550123, or an email address in lower case',
        ),
      code: z.string().regex(/^\d{6,10}$/, 'has to be 6 to 10 digits'),
    }),
  )
  .max(100)

/** A code of another length could not be typed. */
const codesAreAsLong = (
  { codes: { length }, testIdentifiers: all }: Pick<Settings, 'codes' | 'testIdentifiers'>,
  ctx: z.RefinementCtx,
) => {
  for (const [index, { code }] of all.entries()) {
    if (code.length === length) continue
    const message = `has to have ${length} digits, as codes do`
    ctx.addIssue({ code: 'custom', path: ['testIdentifiers', index, 'code'], message, input: code })
  }
}

/** All settings, as they are in force. Ignores what a newer release may have added. */
export const settingsSchema = z
  .object({
    signIn: signIn
      .superRefine(everyIdentifierLeadsIn)
      .superRefine(domainsAreListed)
      .superRefine(defaultIsOffered),
    codes,
    limits: limits.superRefine(hourWithinDay),
    session: session.superRefine(sessionsEnd),
    password: password.superRefine(shorterWithSecondFactor),
    audit,
    branding,
    words: ownWords,
    resources,
    testIdentifiers,
  })
  .superRefine(codesAreAsLong) satisfies z.ZodType<Settings>

export type StoredSettings = z.output<typeof settingsSchema>

/** Some of the settings: what is left out stays as it is. Refuses what it does not know. */
export const settingsPatch = z
  .strictObject({
    signIn: signIn
      .extend({ mfa: mfa.partial().strict(), languages: languages.partial().strict() })
      .partial()
      .strict()
      .superRefine(everyIdentifierLeadsIn),
    codes: codes.partial().strict(),
    limits: limits.partial().strict().superRefine(hourWithinDay),
    session: session.partial().strict().superRefine(sessionsEnd),
    password: password.partial().strict().superRefine(shorterWithSecondFactor),
    audit: audit.partial().strict(),
    branding: branding.extend({ color: brandColor }).partial().strict(),
    words: ownWords,
    resources,
    testIdentifiers,
  })
  .partial()

export type SettingsPatch = z.output<typeof settingsPatch>
