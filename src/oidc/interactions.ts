import type { Context } from 'koa'
import { errors, type Provider } from 'oidc-provider'
import { Problem } from '#src/lib/problem.ts'
import { acrValues, type Factor } from '#src/verification/index.ts'
import { type NamedFactor, namedFactor } from './assurance.ts'
import type { Consents } from './consent-repository.ts'
import { appWithin, type OwnApi } from './own-apis.ts'
import { restart } from './restart.ts'
import type { interactionRepository } from './storage/request-repository.ts'
import type { Sessions } from './storage/session-repository.ts'

export type PromptName = 'login' | 'consent' | 'select_account' | 'create'

/** An interaction as the pages need it. */
export interface Interaction {
  uid: string
  prompt: PromptName
  /** Why the library asks, such as `max_age` or `acr`. */
  reasons: readonly string[]
  params: Readonly<Record<string, string | undefined>>
  clientId: string
  /** Who is signed in with this browser already. */
  session: { userId: string; uid: string; factors: readonly Factor[] } | null
  /** What the relying party asks for, of the values we know. */
  askedAcrs: readonly string[]
  /** The factor that it names. */
  named: NamedFactor | null
  /** Seconds since whoever has an authenticator app may have shown it; null: the policy decides. */
  appWithin: number | null
  /** A new proof is wanted although somebody is signed in. */
  reauthenticate: boolean
  /** What a consent page has to ask for: keys as consent remembers them, and what was given before. */
  missing: {
    scopes: readonly string[]
    claims: readonly string[]
    resources: Record<string, string[]>
  }
  /** The library's own object. */
  handle: Awaited<ReturnType<Provider['interactionDetails']>>
}

/** Who has signed in, and how it was proven. */
export interface SignedIn {
  userId: string
  acr: string
  amr: readonly string[]
  factors: readonly Factor[]
  /** Methods of those factors that were proven in this very sign-in. */
  proven: readonly string[]
  /** Seconds since 1970. */
  at: number
}

export interface InteractionDeps {
  provider: () => Provider
  requests: ReturnType<typeof interactionRepository>
  sessions: Sessions
  consents: Consents
  apis: readonly OwnApi[]
  authorizePath: string
}

export type Interactions = ReturnType<typeof interactions>

/** The one place where the pages of a sign-in and the library's interactions meet. */
export const interactions = ({
  provider,
  requests,
  sessions,
  consents,
  apis,
  authorizePath,
}: InteractionDeps) => ({
  /**
   * The interaction of this request. The library finds it by cookie and ignores the path, so the two
   * are compared here.
   *
   * @throws Problem `interaction_expired`, or `foreign_interaction` when it is another browser's
   */
  async read(ctx: Context, uid: string): Promise<Interaction> {
    const handle = await provider()
      .interactionDetails(ctx.req, ctx.res)
      .catch((error: unknown) => {
        if (error instanceof errors.SessionNotFound) return null
        throw error
      })
    if (!handle) throw new Problem('interaction_expired')
    if (handle.uid !== uid) throw new Problem('foreign_interaction')
    if (handle.prompt.reasons.includes('no_account')) await forgetSession(handle, sessions)
    return { ...(await toInteraction(handle, sessions)), appWithin: appWithin(apis, handle.params) }
  },

  /**
   * Hands over who has signed in and how; from here on the person counts as signed in. Where
   * somebody else is signed in with this browser, also since this sign-in began, that session ends.
   *
   * @returns where the browser goes next
   */
  async signIn(
    ctx: Context,
    interaction: Interaction,
    { userId, acr, amr, factors, proven, at }: SignedIn,
  ): Promise<string> {
    const { handle, session, prompt } = interaction
    if (session && session.userId !== userId) await sessions.destroyByUid(session.uid)
    // The library would log the other out by a page with a script, which no page here may have.
    const { accountId, uid: current } = await provider().Session.get(ctx as never)
    if (accountId && accountId !== userId) await sessions.destroyByUid(current)
    // Or the library would look for a session that has ended meanwhile.
    if (session && !(await sessions.findByUid(session.uid))) delete handle.session
    const { uid } = interaction
    const login = {
      accountId: userId,
      acr,
      amr: [...amr],
      ts: at,
      factors,
      proven,
      interaction: uid,
    }
    return finish(handle, { login, ...(prompt === 'login' ? {} : { [prompt]: {} }) })
  },

  /** The person stays who they are: answers `select_account` without a new sign-in. */
  keepAccount: (interaction: Interaction): Promise<string> =>
    finish(interaction.handle, { [interaction.prompt]: {} }),

  /** Remembers what was allowed and goes on. */
  async allow(interaction: Interaction, permissions: readonly string[]): Promise<string> {
    const { session, clientId, handle } = interaction
    if (!session) throw new Problem('interaction_expired')
    if (permissions.length > 0) await consents.add(session.userId, clientId, permissions)
    return finish(handle, { consent: {} })
  },

  consented: (userId: string, clientId: string): Promise<string[]> =>
    consents.find(userId, clientId),

  /** Ends the sign-in with an error that the relying party is told. */
  fail(interaction: Interaction, error: string, description: string): Promise<string> {
    return finish(interaction.handle, { error, error_description: description })
  },

  /** Which client an interaction belongs to, without the cookie that opens it. */
  async clientOf(uid: string): Promise<string | null> {
    const params = (await requests.find(uid))?.params as Interaction['params'] | undefined
    return params?.client_id ?? null
  },

  restart: restart({ provider, requests, authorizePath }),
})

/** Whoever is blocked or gone is not signed in any more. */
const forgetSession = async (handle: Interaction['handle'], sessions: Sessions): Promise<void> => {
  if (!handle.session?.uid) return
  await sessions.destroyByUid(handle.session.uid)
  delete handle.session
  await handle.persist()
}

const finish = async (
  handle: Interaction['handle'],
  result: Record<string, unknown>,
): Promise<string> => {
  const earlier = 'error' in result ? {} : (handle.lastSubmission as object | undefined)
  handle.result = { ...earlier, ...result }
  await handle.persist()
  return handle.returnTo
}

/** Reasons for which something more is to be proven, or all of it for the first time. */
const adds = ['acr', 'authenticator', 'factor', 'second_factor', 'no_session']

const toInteraction = async (
  handle: Interaction['handle'],
  sessions: Sessions,
): Promise<Omit<Interaction, 'appWithin'>> => {
  const { uid, prompt, params, session } = handle
  const details = prompt.details as Record<string, unknown>
  const current = session?.uid ? await sessions.findByUid(session.uid) : null
  const named = namedFactor(readClaims(params.claims), params.max_age)
  return {
    uid,
    prompt: prompt.name as PromptName,
    reasons: prompt.reasons,
    params: params as Interaction['params'],
    clientId: String(params.client_id),
    session:
      session?.uid && session.accountId
        ? {
            userId: session.accountId,
            uid: session.uid,
            factors: current?.factors ? JSON.parse(current.factors) : [],
          }
        : null,
    askedAcrs: asked(params),
    named,
    // Whoever proves the factor that was named has been proven as lately as was asked for.
    reauthenticate: prompt.reasons.some(
      (reason) => !adds.includes(reason) && !(named && reason === 'max_age'),
    ),
    missing: {
      scopes: (details.missingOIDCScope as string[]) ?? [],
      claims: (details.missingOIDCClaims as string[]) ?? [],
      resources: (details.missingResourceScopes as Record<string, string[]>) ?? {},
    },
    handle,
  }
}

const readClaims = (claims: unknown) => (typeof claims === 'string' ? JSON.parse(claims) : null)

const asked = ({ acr_values, claims }: Record<string, unknown>): string[] => {
  const claim = readClaims(claims)?.id_token?.acr
  const values = claim ? (claim.values ?? [claim.value]) : String(acr_values ?? '').split(' ')
  return [values].flat().filter((value) => acrValues.includes(value))
}
