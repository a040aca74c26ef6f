import type { Context } from 'koa'
import type { KoaContextWithOIDC } from 'oidc-provider'
import type { SecondFactorPolicy, Settings } from '#src/settings/contract.ts'
import {
  type Factor,
  lacksSecondFactor,
  type SetUp,
  secondFactorRules,
  standsForApp,
} from '#src/verification/index.ts'
import { sessionFactors } from './assurance.ts'
import { appWithin, type OwnApi } from './own-apis.ts'
import { memo } from './storage/memo.ts'

type Browser = Pick<Context, 'cookies'>

export interface SecondFactorDeps {
  settings: () => Settings
  apis: readonly OwnApi[]
  /** The role of somebody who manages this server. */
  adminRole: (userId: string) => Promise<string | null>
  /** Whether the person has asked not to be asked in this browser. */
  isTrusted: (ctx: Browser, userId: string) => Promise<boolean>
}

/** Somebody who is signed in. */
export interface Somebody {
  userId: string
  roles: readonly string[]
  setUp: SetUp
  /** What was proven in the session. */
  factors: readonly Factor[]
}

export interface SecondFactors {
  /** Whether the session of this request is less than a sign-in at this client would have to be. */
  isMissing(ctx: KoaContextWithOIDC): Promise<boolean>
  /** The same for pages beside the protocol; `client` is what their client asks for. */
  isLacking(ctx: Browser, somebody: Somebody, client: SecondFactorPolicy | null): Promise<boolean>
}

/**
 * The policy of second factors for those who are signed in already: elsewhere, perhaps, where less was
 * asked for, or before it was asked for. In a sign-in, its pages have decided.
 */
export const secondFactors = ({
  settings,
  apis,
  adminRole,
  isTrusted,
}: SecondFactorDeps): SecondFactors => {
  const isLacking: SecondFactors['isLacking'] = async (
    ctx,
    { userId, roles, setUp: { totp, passkey }, factors },
    client,
  ) => {
    // Few come with one factor: the rest costs nothing.
    if (!lacksSecondFactor(factors, always, nothing)) return false
    const { mfa, methods } = settings().signIn
    const setUp = { totp, passkey: passkey && methods.includes('passkey') }
    const lacksAs = (own: readonly string[]) =>
      lacksSecondFactor(factors, secondFactorRules(mfa, client, own), setUp)
    // A role asks for more, never for less: few have such a one, and it is looked up where it matters.
    const role = lacksAs(roles) || mfa.roles.length === 0 ? null : await adminRole(userId)
    const lacking = lacksAs(roles) || (role !== null && lacksAs([role]))
    return lacking && !(await isTrusted(ctx, userId))
  }

  return {
    isLacking,
    async isMissing(ctx) {
      const { session, client, params, result } = ctx.oidc
      const userId = session?.accountId
      if (!session || !userId || result?.login) return false
      const factors = sessionFactors(session.uid)
      const setUp = memo().setUp.get(userId) ?? nothing
      const within = appWithin(apis, params ?? {})
      // Where an account is changed, no policy and no trusted browser stands for the app.
      if (within !== null && setUp.totp && !showsApp(factors, within)) return true
      const roles = memo().accounts.get(userId)?.roles ?? []
      const asked = (client?.second_factor ?? null) as SecondFactorPolicy | null
      return isLacking(ctx, { userId, roles, setUp, factors }, asked)
    },
  }
}

const showsApp = (factors: readonly Factor[], seconds: number): boolean =>
  factors.some((factor) => factor.at >= Date.now() - seconds * 1000 && standsForApp(factor))

const nothing = { totp: false, passkey: false }
const always = { afterPassword: 'required', afterPasswordless: 'required' } as const
