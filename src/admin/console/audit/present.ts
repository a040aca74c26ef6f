import type { Scope } from '../../contract.ts'
import type { Linked, ShownEvent } from '../audit-pages.ts'
import { eventWords, reasonWords } from '../event-words.ts'
import type { Visit } from '../frame.ts'

/** An event as the operations answer it. */
export interface Told {
  id: string
  at: string
  event: string
  result: string | null
  actor: { kind: 'client' | 'person'; id: string } | null
  user: string | null
  client: string | null
  interaction: string | null
  method: string | null
  channel: string | null
  connector: string | null
  country: string | null
  address: string | null
  reference: string | null
  target: string | null
  detail: unknown
}

const pages = {
  user: { path: '/admin/users', scope: 'users:read' },
  client: { path: '/admin/clients', scope: 'clients:read' },
  connector: { path: '/admin/connectors', scope: 'connectors:read' },
  delivery: { path: '/admin/deliveries', scope: 'deliveries:read' },
  webhook: { path: '/admin/webhooks', scope: 'webhooks:read' },
} as const satisfies Record<string, { path: string; scope: Scope }>
type Kind = keyof typeof pages

const linked = (visit: Visit, kind: Kind, id: string | null): Linked | null => {
  if (id === null) return null
  const { path, scope } = pages[kind]
  return { id, href: visit.may(scope) ? `${path}/${encodeURIComponent(id)}` : null }
}

/** What the target of an event is, where there is a page for it. */
const targetKind = (event: string): Kind | null => {
  if (event.startsWith('message.')) return 'delivery'
  if (event.startsWith('webhook.')) return 'webhook'
  return /^connectors?\.|^template\./.test(event) ? 'connector' : null
}

export const targetOf = (visit: Visit, { event, target }: Told): Linked | null => {
  const kind = targetKind(event)
  if (target === null) return null
  return kind ? linked(visit, kind, target) : { id: target, href: null }
}

export const shownEvent = (visit: Visit, told: Told): ShownEvent => {
  const { id, at, event, result, actor, user, client, connector, channel, country, address } = told
  return {
    id,
    at,
    event,
    result,
    address,
    words: eventWords(visit.t, event),
    resultWords: result === null ? null : reasonWords(visit.t, result),
    actor: actor && linked(visit, actor.kind === 'client' ? 'client' : 'user', actor.id),
    user: linked(visit, 'user', user),
    client: linked(visit, 'client', client),
    connector: linked(visit, 'connector', connector),
    via: [channel, country].filter((each) => each !== null).join(' · '),
  }
}
