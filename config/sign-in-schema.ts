/** How people sign in: the settings of the sign-in experience, and what has to fit together in them. */
import { domainToASCII } from 'node:url'
import { z } from 'zod'
import type { Settings } from '#src/settings/contract.ts'
import type { IdentifierType } from '#src/users/contract.ts'
import type { MethodId } from '#src/verification/contract.ts'
import { distinct } from './distinct.ts'
import { mfa } from './second-factor-schema.ts'

export const languageTag = z.string().refine(
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
  'passkey',
] as const satisfies readonly MethodId[]

const waysIn: Record<IdentifierType, readonly MethodId[]> = {
  email: ['email-link', 'email-code', 'password'],
  phone: ['sms-code', 'sms-link', 'password'],
  username: ['password'],
}

/** Nobody may be asked for what leads nowhere. */
export const everyIdentifierLeadsIn = (
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

/** What a link does in a browser that did not ask for it. */
export const linkMode = z.enum(['code_handoff', 'same_browser', 'sign_in_here', 'number_match'])
export const languages = z.object({ default: languageTag, offered: distinct(languageTag) })

/** As canonical addresses have it; subdomains are others. */
const emailDomain = z
  .string()
  .max(253)
  .overwrite((domain) => domainToASCII(domain) || domain)
  .regex(
    /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/,
    'has to be a domain like example.com',
  )

export const domainsAreListed = (
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

export const signIn = z.object({
  identifiers: distinct(z.enum(['email', 'phone', 'username'])).min(1),
  methods: distinct(z.enum(firstMethods)).min(1).meta({ ordered: true }),
  registration: z.enum(['open', 'closed', 'invited', 'domains']),
  registrationDomains: distinct(emailDomain).max(1000),
  profile: distinct(z.enum(['name', 'username', 'password'])),
  mfa,
  linkMode,
  languages,
})

export const defaultIsOffered = ({ languages }: Settings['signIn'], ctx: z.RefinementCtx) => {
  if (languages.offered.length === 0 || languages.offered.includes(languages.default)) return
  ctx.addIssue({
    code: 'custom',
    path: ['languages', 'default'],
    message: 'has to be one of the languages that are offered',
    input: languages.default,
  })
}
