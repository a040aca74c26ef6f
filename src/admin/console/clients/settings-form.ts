import { clientPatch } from '#config/client-schema.ts'
import { scopes as accountScopes } from '#src/account/contract.ts'
import { type Fault, Problem } from '#src/lib/problem.ts'
import { scopes as managementScopes, type Scope } from '../../contract.ts'
import type { Fields } from '../fields.ts'
import type { Visit } from '../frame.ts'
import { type FormField, fieldsOf, readForm, shown, valueAt } from '../schema-form.ts'
import type { ClientSettingsPage, ClientView } from './pages.ts'
import { uriFaultWords } from './uris.ts'

/** What can be said of an application, in the order in which an admin needs it. */
const sections: Record<string, readonly string[]> = {
  basics: ['client_name', 'redirect_uris', 'post_logout_redirect_uris', 'initiate_login_uri'],
  people: ['first_party', 'second_factor', 'require_authenticator', 'link_mode'],
  look: ['logo_uri', 'client_uri', 'policy_uri', 'tos_uri', 'branding.color', 'branding.logo_uri'],
  sessions: ['backchannel_logout_uri', 'backchannel_logout_session_required'],
  protocol: [
    'token_endpoint_auth_method',
    'grant_types',
    'application_type',
    'id_token_signed_response_alg',
    'require_pkce',
    'require_pushed_authorization_requests',
    'dpop_bound_access_tokens',
    'jwks_uri',
  ],
}

/** Without them there is always a value. */
const always = new Set(sections.protocol!.slice(0, 4))

const all = new Map(
  fieldsOf(clientPatch).map((field) => [
    field.path,
    { ...field, required: always.has(field.path) },
  ]),
)
const fieldsIn = (name: string): FormField[] => sections[name]!.map((path) => all.get(path)!)

interface ResourceSettings {
  settings: { resources: readonly { scopes: readonly string[] }[] }
}

/** Scopes that this admin may give: those of resources, their own of this API, and what is there. */
const offeredScopes = async (visit: Visit, client: ClientView): Promise<string[]> => {
  const ofResources = visit.may('settings:read')
    ? (await visit.run<ResourceSettings>('settings.read')).settings.resources.flatMap(
        ({ scopes }) => scopes,
      )
    : []
  const ours = [...accountScopes, ...managementScopes.filter(visit.may)]
  return [...new Set([...client.api_scopes, ...ofResources, ...ours])]
}

/** Scopes of this API that the client has and the admin has not: only others may change it. */
export const beyondAdmin = (visit: Visit, client: ClientView): Scope[] =>
  managementScopes.filter((scope) => client.api_scopes.includes(scope) && !visit.may(scope))

/** What the form shows: what is so, or what was typed. */
export const drawSettings = async (
  visit: Visit,
  client: ClientView,
  fields: Fields | null,
): Promise<Pick<ClientSettingsPage, 'sections' | 'jwks' | 'scopes'>> => {
  const draw = (field: FormField) => {
    const value = valueAt(client, field.path)
    return {
      ...field,
      held: false,
      value: fields ? fields.text(field.path) : shown(value),
      chosen: fields ? fields.all(field.path) : [value].flat().map(String),
    }
  }
  const chosen = fields ? fields.all('api_scopes') : client.api_scopes
  return {
    sections: Object.keys(sections).map((name) => ({ name, fields: fieldsIn(name).map(draw) })),
    jwks: fields?.text('jwks') ?? (client.jwks ? JSON.stringify(client.jwks, null, 2) : ''),
    scopes: (await offeredScopes(visit, client)).map((name) => ({
      name,
      chosen: chosen.includes(name),
    })),
  }
}

/** @throws Problem `invalid_input` for keys that are no JSON */
export const readSettings = (
  visit: Visit,
  client: ClientView,
  fields: Fields,
): Record<string, unknown> => ({
  ...readForm(Object.keys(sections).flatMap(fieldsIn), fields, client),
  jwks: readKeys(visit, fields.text('jwks')),
  api_scopes: fields.all('api_scopes'),
})

const readKeys = (visit: Visit, text: string): unknown => {
  if (text.trim() === '') return null
  try {
    return JSON.parse(text)
  } catch {
    const message = visit.t('admin-clients.jwks-fault')
    throw new Problem('invalid_input', { errors: [{ path: 'jwks', message }] })
  }
}

const uriPath = /^((?:post_logout_)?redirect_uris)\[(\d+)\]$/

/** What is wrong with redirect URIs, in the language of the admin and with the line it is about. */
export const faultsInWords = (visit: Visit, fields: Fields, faults: readonly Fault[]): Fault[] =>
  faults.map((fault) => {
    const [, field, place] = uriPath.exec(fault.path) ?? []
    const line = field && fields.lines(field)[Number(place)]
    const words = line && uriFaultWords(visit.t, line)
    return words ? { ...fault, message: `${line}: ${words}` } : fault
  })
