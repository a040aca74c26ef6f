import type { KoaContextWithOIDC } from 'oidc-provider'
import type { SecondFactorPolicy, Settings } from '#src/settings/contract.ts'
import { lacksSecondFactor, secondFactorRules } from '#src/verification/index.ts'
import { sessionFactors } from './assurance.ts'
import { memo } from './storage/memo.ts'

export interface SecondFactorDeps {
  settings: () => Settings
  /** The role of somebody who manages this server. */
  adminRole: (userId: string) => Promise<string | null>
  /** Whether the person has asked not to be asked in this browser. */
  isTrusted: (ctx: KoaContextWithOIDC, userId: string) => Promise<boolean>
}

export interface SecondFactors {
  /** Whether the session of this request is less than a sign-in at this client would have to be. */
  isMissing(ctx: KoaContextWithOIDC): Promise<boolean>
}

/**
 * The policy of second factors for those who are signed in already: elsewhere, perhaps, where less was
 * asked for, or before it was asked for. In a sign-in, its pages have decided.
 */
export const secondFactors = ({
  settings,
  adminRole,
  isTrusted,
}: SecondFactorDeps): SecondFactors => ({
  async isMissing(ctx) {
    const { session, client, result } = ctx.oidc
    const userId = session?.accountId
    if (!session || !userId || result?.login) return false
    const factors = sessionFactors(session.uid)
    const { mfa } = settings().signIn
    // Few have such roles or come with one factor: the rest costs nothing.
    if (!lacksSecondFactor(factors, always, nothing)) return false
    const roles = [...(memo().accounts.get(userId)?.roles ?? [])]
    const own = mfa.roles.length > 0 ? await adminRole(userId) : null
    if (own) roles.push(own)
    const asked = (client?.second_factor ?? null) as SecondFactorPolicy | null
    const rules = secondFactorRules(mfa, asked, roles)
    const { totp, passkey } = memo().setUp.get(userId) ?? nothing
    const setUp = { totp, passkey: passkey && settings().signIn.methods.includes('passkey') }
    return lacksSecondFactor(factors, rules, setUp) && !(await isTrusted(ctx, userId))
  },
})

const nothing = { totp: false, passkey: false }
const always = { afterPassword: 'required', afterPasswordless: 'required' } as const
