import type { ClientMetadata, Provider } from 'oidc-provider'
import { type Client, checkSecret, hasOrigin, usesSecret } from '#src/clients/index.ts'

/** Our own members of a client's metadata, which the library must be told of. */
export const extraMetadata = [
  'first_party',
  'require_pkce',
  'require_authenticator',
  'second_factor',
  'link_mode',
  'api_scopes',
] as const

/** The library refuses a confidential client without a secret; ours are hashes and kept apart. */
const placeholder = 'hashed'

const metadata = (client: Client): ClientMetadata => ({
  client_id: client.client_id,
  client_name: client.client_name,
  redirect_uris: [...client.redirect_uris],
  post_logout_redirect_uris: [...client.post_logout_redirect_uris],
  grant_types: [...client.grant_types],
  response_types: client.grant_types.includes('authorization_code') ? ['code'] : [],
  token_endpoint_auth_method: client.token_endpoint_auth_method,
  application_type: client.application_type,
  id_token_signed_response_alg: client.id_token_signed_response_alg,
  require_pushed_authorization_requests: client.require_pushed_authorization_requests,
  dpop_bound_access_tokens: client.dpop_bound_access_tokens,
  first_party: client.first_party,
  require_pkce: client.require_pkce,
  // Clients that were stored by an earlier release do not have it.
  require_authenticator: client.require_authenticator ?? false,
  second_factor: client.second_factor ?? null,
  link_mode: client.link_mode,
  api_scopes: client.api_scopes,
  ...(usesSecret(client) ? { client_secret: placeholder } : {}),
  ...(client.jwks ? { jwks: client.jwks as ClientMetadata['jwks'] } : {}),
  ...(client.jwks_uri ? { jwks_uri: client.jwks_uri } : {}),
  ...(client.logo_uri ? { logo_uri: client.logo_uri } : {}),
  ...(client.client_uri ? { client_uri: client.client_uri } : {}),
  ...(client.policy_uri ? { policy_uri: client.policy_uri } : {}),
  ...(client.tos_uri ? { tos_uri: client.tos_uri } : {}),
})

export type ModelClient = NonNullable<Awaited<ReturnType<Provider['Client']['find']>>>

/** What each of the library's clients was made from. */
const rows = new WeakMap<object, Client>()

/**
 * Lets the library find clients in our store and check secrets against hashes. A client is built
 * once for each version of its row, however many there are (the library's own cache holds 100).
 */
export const useClients = (
  provider: Provider,
  findClient: (clientId: string) => Promise<Client | null>,
): void => {
  const Model = provider.Client as unknown as (new (
    metadata: ClientMetadata,
  ) => ModelClient) & {
    find(clientId: unknown): Promise<ModelClient | undefined>
    prototype: {
      compareClientSecret(actual: string): boolean
      includeSid(): boolean
    }
  }
  const built = new WeakMap<Client, ModelClient>()

  Model.find = async (clientId) => {
    const row = typeof clientId === 'string' ? await findClient(clientId) : null
    if (!row) return undefined
    let client = built.get(row)
    if (!client) {
      client = new Model(metadata(row))
      built.set(row, client)
      rows.set(client, row)
    }
    return client
  }
  Model.prototype.compareClientSecret = function compare(this: object, actual) {
    return checkSecret(rows.get(this)?.secrets ?? [], actual, new Date())
  }
  // `sid` in every ID token, so that a client can tell its sessions apart.
  Model.prototype.includeSid = () => true
}

/** Whether scripts of this origin may read what the client is answered. */
export const mayReadAnswers = (client: ModelClient, origin: string): boolean => {
  const row = rows.get(client)
  return row !== undefined && hasOrigin(row, origin)
}

export const requiresAuthenticator = (client: ModelClient | undefined): boolean =>
  client?.require_authenticator === true

export const isFirstParty = (client: ModelClient): boolean => client.first_party === true

/**
 * Whether anyone on the person's device could have started this request in the client's name:
 * a public client that is answered at a custom scheme or on loopback (RFC 8252 §8.6).
 */
export const canBeImpersonated = (client: ModelClient, redirectUri: unknown): boolean => {
  if (client.tokenEndpointAuthMethod !== 'none' || typeof redirectUri !== 'string') return false
  const { protocol, hostname } = new URL(redirectUri)
  if (protocol !== 'https:' && protocol !== 'http:') return true
  return protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}
