import { decodeJwt } from 'jose'
import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider'
import type { Settings } from '#src/settings/contract.ts'
import {
  type Acr,
  acrValues,
  type Factor,
  satisfies,
  withoutTexts,
} from '#src/verification/index.ts'
import {
  askedAcrs,
  hasNamed,
  insistsOnUnknown,
  namedFactor,
  sessionAssurance,
  sessionFactors,
} from './assurance.ts'
import { canBeImpersonated, requiresAuthenticator } from './clients.ts'
import type { SecondFactors } from './second-factors.ts'

const { base, Check, Prompt } = interactionPolicy

/** What a sign-in has left: see `interactions.ts`. */
interface LoginResult {
  factors?: readonly Factor[]
  /** Methods of those that were proven in it. */
  proven?: readonly string[]
}

/** Whether a browser has just proven something to begin a sign-in at a client with. */
export type IsCarried = (ctx: KoaContextWithOIDC, clientId: string) => Promise<boolean>

export interface PromptDeps {
  secondFactors: Pick<SecondFactors, 'isMissing'>
  isCarried: IsCarried
}

/**
 * Decides whether the person is to be asked anything, before every authorization response. The
 * first prompt with a check that fails wins, and opens an interaction.
 */
export const prompts = (settings: () => Settings, { secondFactors, isCarried }: PromptDeps) => {
  const policy = base()
  policy.add(new Prompt({ name: 'create', requestable: true }), 0)
  policy.add(new Prompt({ name: 'select_account', requestable: true }), 0)

  const login = policy.get('login')!
  login.checks.remove('essential_acr')
  login.checks.remove('essential_acrs')
  login.checks.add(
    new Check(
      'no_account',
      'the account is blocked or gone',
      'login_required',
      ({ oidc }) => Boolean(oidc.session?.accountId) && !oidc.account,
    ),
  )
  login.checks.remove('id_token_hint')
  login.checks.add(
    new Check(
      'id_token_hint',
      'the person of the id_token_hint is not signed in',
      'login_required',
      isSomebodyElse,
    ),
  )
  login.checks.add(
    new Check(
      'acr',
      'the requested authentication context was not reached',
      'unmet_authentication_requirements',
      acrIsMissing,
    ),
  )

  login.checks.add(
    new Check(
      'authenticator',
      'two factors besides text messages are needed',
      'unmet_authentication_requirements',
      (ctx) => authenticatorIsMissing(ctx, settings()),
    ),
  )

  login.checks.add(
    new Check(
      'factor',
      'the factor that was named was not proven, or too long ago',
      'unmet_authentication_requirements',
      (ctx) => namedIsMissing(ctx, settings()),
    ),
  )
  login.checks.add(
    new Check(
      'second_factor',
      'a second factor is needed for this application or this person',
      'login_required',
      (ctx) => secondFactors.isMissing(ctx),
    ),
  )
  login.checks.add(
    new Check('carried', 'the browser has just proven who is there', 'login_required', (ctx) =>
      hasJustProven(ctx, isCarried),
    ),
  )

  const consent = policy.get('consent')!
  consent.checks.remove('native_client_prompt')
  consent.checks.add(
    new Check(
      'impersonation',
      'the application can not be told from others on this device',
      'interaction_required',
      ({ oidc }) =>
        !oidc.result?.consent && canBeImpersonated(oidc.client!, oidc.params?.redirect_uri),
    ),
  )
  return policy
}

/**
 * Asks for the person of the hint once; whoever then signs in is that person, or the application
 * hears that they are not there (OpenID Connect Core 1.0, §3.1.2.1).
 */
const isSomebodyElse = ({ oidc }: KoaContextWithOIDC): boolean => {
  const hint = oidc.params?.id_token_hint
  // Its signature was checked when the request came in.
  if (typeof hint !== 'string' || decodeJwt(hint).sub === oidc.session?.accountId) return false
  if (oidc.result?.login) throw new errors.LoginRequired('the person of the id_token_hint')
  return true
}

/** Asks for what is missing once; a sign-in that could not reach it ends with an error. */
const acrIsMissing = (ctx: KoaContextWithOIDC): boolean => {
  const { asked, essential } = askedAcrs(ctx)
  const known = asked.some((value) => acrValues.includes(value as Acr))
  if (!known && essential) throw new errors.UnmetAuthenticationRequirements()
  if (satisfies(ctx.oidc.session?.acr, asked)) return false
  if (ctx.oidc.result?.login) throw new errors.UnmetAuthenticationRequirements()
  return true
}

/** The very factor that was named, whatever else is fresh; in a sign-in it is proven anew or not. */
const namedIsMissing = ({ oidc }: KoaContextWithOIDC, { session: limits }: Settings): boolean => {
  if (insistsOnUnknown(oidc.claims)) throw new errors.UnmetAuthenticationRequirements()
  const named = namedFactor(oidc.claims, oidc.params?.max_age)
  if (!named || !oidc.session?.accountId) return false
  const login = oidc.result?.login as LoginResult | undefined
  const factors = login?.factors ?? sessionFactors(oidc.session.uid)
  const proven = factors.filter(({ method }) => login?.proven?.includes(method))
  const anytime = { ...named, maxAgeSeconds: null }
  if (hasNamed(factors, named, limits) || hasNamed(proven, anytime, limits)) return false
  if (login) throw new errors.UnmetAuthenticationRequirements()
  return true
}

/** It may be somebody else than who is signed in. Only whoever was sent by us comes with a hint. */
const hasJustProven = async (ctx: KoaContextWithOIDC, isCarried: IsCarried): Promise<boolean> => {
  const { session, params, client, result } = ctx.oidc
  if (!session?.accountId || !params?.login_hint || !client || result?.login) return false
  return isCarried(ctx, client.clientId)
}

/** For a client that takes no text message for a factor. */
const authenticatorIsMissing = (
  { oidc }: KoaContextWithOIDC,
  { session: limits }: Settings,
): boolean => {
  if (!requiresAuthenticator(oidc.client) || !oidc.session?.accountId) return false
  const login = oidc.result?.login as LoginResult | undefined
  const factors = (login?.factors ?? sessionFactors(oidc.session.uid)).map(withoutTexts)
  const acr = sessionAssurance(factors, oidc.session, limits)?.acr ?? 'aal1'
  if (acr !== 'aal1') return false
  if (login) throw new errors.UnmetAuthenticationRequirements()
  return true
}
