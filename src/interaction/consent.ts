import { Problem } from '#src/lib/problem.ts'
import { permissionKey } from '#src/oidc/index.ts'
import type { FlowDeps } from './deps.ts'
import type { Visit } from './visit.ts'

/** What the consent page has asked for, as consent remembers it. */
const asked = ({ interaction: { missing } }: Visit): string[] => [
  ...missing.scopes,
  ...missing.claims.map((name) => permissionKey({ kind: 'claim', name })),
  ...Object.entries(missing.resources).flatMap(([indicator, names]) =>
    names.map((name) => permissionKey({ kind: 'resource', indicator, name })),
  ),
]

/** @returns where the browser goes next */
export const decide = async (deps: FlowDeps, visit: Visit, decision: string): Promise<string> => {
  const { interaction, client, ctx } = visit
  if (decision !== 'allow' && decision !== 'deny') {
    throw new Problem('decision_required', { field: 'decision' })
  }
  await deps.audit.add({
    event: `consent.${decision === 'allow' ? 'given' : 'refused'}`,
    userId: interaction.session?.userId ?? null,
    clientId: client.client_id,
    interactionUid: interaction.uid,
    reference: ctx.state.reference,
  })
  return decision === 'allow'
    ? deps.interactions.allow(interaction, asked(visit))
    : deps.interactions.fail(interaction, 'access_denied', 'End-User refused to consent')
}

/** A first-party application asks nobody, unless others could pretend to be it. */
export const answersItself = ({ interaction, client }: Visit): boolean =>
  interaction.prompt === 'consent' &&
  client.first_party &&
  !interaction.reasons.includes('impersonation')
