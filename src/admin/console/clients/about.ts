import type { Visit } from '../frame.ts'
import type { ClientPage, ClientView } from './pages.ts'
import { beyondAdmin } from './settings-form.ts'

/** Paths below `/admin/clients` that are no applications. */
const taken = ['new', 'check-uri']

/** The page of an application. One that is named as a page of ours is written differently. */
export const clientHref = (clientId: string): string => {
  const path = taken.includes(clientId)
    ? `%${clientId.charCodeAt(0).toString(16)}${clientId.slice(1)}`
    : encodeURIComponent(clientId)
  return `/admin/clients/${path}`
}

/** @throws Problem `not_found` */
export const readClientOf = (visit: Visit): Promise<ClientView> =>
  visit.run<ClientView>('clients.read', { params: { client_id: visit.ctx.params.client_id } })

/** What the pages about one application share; `key` is the page that is shown. */
export const aboutClient = (
  visit: Visit,
  client: ClientView,
  key: string,
): Pick<ClientPage, 'client' | 'base' | 'tabs' | 'closed'> => {
  const base = clientHref(client.client_id)
  const tab = (each: string) => ({
    key: each,
    href: each === 'settings' ? base : `${base}/${each}`,
    current: each === key,
  })
  // The language menu of a page that answered a form leads to a page that can be opened.
  visit.ctx.state.page = tab(key).href
  const signsIn = client.grant_types.includes('authorization_code')
  return {
    client,
    base,
    tabs: [
      tab('settings'),
      ...(client.token_endpoint_auth_method.startsWith('client_secret') ? [tab('secrets')] : []),
      tab('quick-start'),
      ...(signsIn && visit.may('clients:write') ? [tab('try')] : []),
      ...(visit.may('audit:read') ? [tab('events')] : []),
    ],
    closed: closedBy(visit, client),
  }
}

const closedBy = (visit: Visit, client: ClientView): ClientPage['closed'] => {
  if (client.managed_by_file) return 'file'
  if (!visit.may('clients:write')) return 'role'
  return beyondAdmin(visit, client).length > 0 ? 'beyond' : null
}
