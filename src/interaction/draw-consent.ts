import type { FlowDeps } from './deps.ts'
import { common, type Drawing, shown } from './drawing.ts'
import type { ConsentPage } from './pages.ts'
import type { Visit } from './visit.ts'

/** Says what each scope means, or names it where nobody has said. */
const describe = (t: Visit['t'], scope: string): string => {
  try {
    return t(`scopes.${scope}`)
  } catch {
    return scope
  }
}

/** Asks for what is not allowed yet. */
export const drawConsent = async (
  deps: FlowDeps,
  visit: Visit,
  drawing: Drawing,
): Promise<void> => {
  const { client, interaction, t, ctx } = visit
  const { missing, session, params } = interaction
  const user = session ? await deps.users.find(session.userId) : null
  const own = user?.identifiers.find(({ verified }) => verified)
  const asked = (params.scope ?? '')
    .split(' ')
    .filter((scope) => scope !== '' && scope !== 'openid')
  const fresh = new Set([...missing.scopes, ...Object.values(missing.resources).flat()])
  const uri = params.redirect_uri
  deps.pages.show<ConsentPage>(
    ctx,
    'interaction/consent',
    {
      ...common(visit, drawing),
      account: user?.name ?? own?.display ?? '',
      redirectHost: uri && URL.canParse(uri) ? new URL(uri).host || new URL(uri).protocol : '',
      scopes: asked.map((name) => ({
        name,
        description: describe(t, name),
        isNew: fresh.has(name),
      })),
      appLinks: { policy: client.policy_uri, terms: client.tos_uri, home: client.client_uri },
    },
    shown(visit, drawing),
  )
}
