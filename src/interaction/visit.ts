import type { Context } from 'koa'
import type { Client } from '#src/clients/index.ts'
import type { Translate } from '#src/lib/page.ts'
import { Problem } from '#src/lib/problem.ts'
import type { Interaction } from '#src/oidc/index.ts'
import type { Account, Identifier } from '#src/users/index.ts'
import { type Browser, readBrowser } from './browser.ts'
import type { FlowDeps } from './deps.ts'
import type { Origin } from './repository.ts'
import type { SignIn } from './sign-in.ts'

/** One request of one sign-in, with what is known of it. */
export interface Visit {
  ctx: Context
  base: string
  interaction: Interaction
  client: Client
  browser: Browser
  signIn: SignIn | null
  lang: string
  t: Translate
}

/**
 * Finds the sign-in of a request. Whoever is signed in and is asked for more begins where they are.
 *
 * @throws Problem `interaction_expired`, `foreign_interaction`
 */
export const readVisit = async (deps: FlowDeps, ctx: Context): Promise<Visit> => {
  const uid = String(ctx.params.uid)
  const [interaction, signIn] = await Promise.all([
    deps.interactions.read(ctx, uid),
    deps.signIns.find(uid),
  ])
  const client = await deps.findClient(interaction.clientId)
  if (!client) throw new Problem('interaction_expired')
  const browser = readBrowser(deps, ctx)
  const { code, t } = deps.pages.language(ctx, interaction.params.ui_locales)
  const visit = {
    ctx,
    base: `/interaction/${uid}`,
    interaction,
    client,
    browser,
    signIn,
    lang: code,
    t,
  }
  if (signIn || interaction.prompt !== 'login' || !interaction.session) return visit
  return (await adopt(deps, visit, interaction.session)) ?? visit
}

/** Where a request came from, for the audit log. */
export const originOf = ({ state }: Context): Origin => ({
  address: state.address ?? null,
  reference: state.reference ?? null,
})

/** The same visit, as it stands after something has been done. */
export const reread = async (deps: FlowDeps, visit: Visit): Promise<Visit> => ({
  ...visit,
  signIn: await deps.signIns.find(visit.interaction.uid),
})

/** What a person is known by: this, as long as it is theirs, or the first that they have proven. */
export const ownIdentifier = (
  user: Pick<Account, 'identifiers'> | null,
  preferred: Pick<Identifier, 'type' | 'value'> | null | undefined,
): Identifier | undefined => {
  const own = user?.identifiers.filter(({ verified }) => verified) ?? []
  const isPreferred = ({ type, value }: Identifier) =>
    type === preferred?.type && value === preferred.value
  return own.find(isPreferred) ?? own[0]
}

const adopt = async (
  deps: FlowDeps,
  visit: Visit,
  { userId, factors }: NonNullable<Interaction['session']>,
): Promise<Visit | null> => {
  const somebodyElse = ['id_token_hint', 'claims_id_token_sub_value']
  if (visit.interaction.reasons.some((reason) => somebodyElse.includes(reason))) return null
  const user = await deps.users.find(userId)
  const used = factors.find((factor) => factor.identifier)?.identifier
  const identifier = ownIdentifier(user, used)
  if (!identifier) return null
  const begun = { userId, identifier, locale: visit.lang, clientId: visit.client.client_id }
  await deps.signIns.adopt(visit.interaction.uid, visit.browser.hash, begun, originOf(visit.ctx))
  return reread(deps, visit)
}
