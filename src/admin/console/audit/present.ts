import { isOwnClient } from '#config/client-schema.ts'
import type { Scope } from '../../contract.ts'
import type { Linked, ShownEvent } from '../audit-pages.ts'
import { clientHref } from '../clients/about.ts'
import { eventWords, reasonWords } from '../event-words.ts'
import type { Visit } from '../frame.ts'
import { hrefOf } from '../user.ts'

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

const below = (path: string) => (id: string) => `${path}/${encodeURIComponent(id)}`

/** The page of each kind, and who may see it; null where there is none, of whomever it is. */
const pages = {
  user: { hrefOf, scope: 'users:read' },
  client: { hrefOf: (id) => (isOwnClient(id) ? null : clientHref(id)), scope: 'clients:read' },
  connector: {
    // What stands in for connectors while evaluating is none itself.
    hrefOf: (id) => (id === 'inbox' ? null : below('/admin/connectors')(id)),
    scope: 'connectors:read',
  },
  delivery: { hrefOf: below('/admin/deliveries'), scope: 'deliveries:read' },
  webhook: { hrefOf: below('/admin/webhooks'), scope: 'webhooks:read' },
} as const satisfies Record<string, { hrefOf: (id: string) => string | null; scope: Scope }>
type Kind = keyof typeof pages

const linked = (visit: Visit, kind: Kind, id: string | null): Linked | null => {
  if (id === null) return null
  const { hrefOf, scope } = pages[kind]
  return { id, href: visit.may(scope) ? hrefOf(id) : null }
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
