import { z } from 'zod'
import type { Settings } from '#src/settings/contract.ts'
import { brandColor, color } from './color-schema.ts'
import { distinct } from './distinct.ts'
import { mfa, recovery } from './second-factor-schema.ts'
import {
  defaultIsOffered,
  domainsAreListed,
  everyIdentifierLeadsIn,
  languages,
  languageTag,
  signIn,
} from './sign-in-schema.ts'
import { webUriFault } from './uris.ts'

const seconds = (least: number, most: number) => z.int().min(least).max(most)
const minute = 60
const day = 86_400

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

const httpsOrigin = z
  .string()
  .refine(
    (text) => URL.canParse(text) && /^https:[^*]+$/.test(text) && new URL(text).origin === text,
    {
      error: 'has to be an origin such as https://shop.example',
    },
  )

const notLongerThan =
  <Key extends string>(shorter: Key, longer: Key) =>
  (values: Partial<Record<Key, number | undefined>>, ctx: z.RefinementCtx) => {
    const [low, high] = [values[shorter], values[longer]]
    if (low === undefined || high === undefined || low <= high) return
    const message = `may not be more than ${high}, which limits it`
    ctx.addIssue({ code: 'custom', path: [shorter], message, input: low })
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
  trustedDeviceDays: z
    .int()
    .min(-1)
    .max(365)
    .refine((days) => days !== 0, 'has to be a number of days, or -1 to trust no browser'),
})

const password = z.object({
  minLength: z.int().min(8).max(64),
  minLengthWithSecondFactor: z.int().min(8).max(64),
})

/** Browsers look at no more than five (WebAuthn Level 3, section 5.11.1). */
const passkeys = z.object({ relatedOrigins: distinct(httpsOrigin).max(5) })

const audit = z.object({ retentionDays: z.int().min(1).max(3653) })

const account = z.object({
  deletion: z.enum(['self', 'off']),
  graceDays: z.int().min(0).max(90),
})

const branding = z.object({
  name: shortName,
  logoUri: webUri.nullable(),
  color,
  helpUri: webUri.nullable(),
  termsUri: webUri.nullable(),
  privacyUri: webUri.nullable(),
})

const resource = z.object({
  indicator: z.string().refine((uri) => URL.canParse(uri) && !/[#\s*\p{C}]/u.test(uri), {
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
          /^(?:\+[1-9]\d{6,14}|[^\s@A-Z\p{C}]{1,64}@[^\s@A-Z\p{C}]{3,254})$/u,
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
    passkeys,
    recovery,
    audit,
    account,
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
    passkeys: passkeys.partial().strict(),
    recovery: recovery.partial().strict(),
    audit: audit.partial().strict(),
    account: account.partial().strict(),
    branding: branding.extend({ color: brandColor }).partial().strict(),
    words: ownWords,
    resources,
    testIdentifiers,
  })
  .partial()

export type SettingsPatch = z.output<typeof settingsPatch>
