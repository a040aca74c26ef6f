import type { LinkMode } from '#src/settings/contract.ts'

/** A relying party. Field names are those of OpenID Connect Dynamic Client Registration 1.0. */
export interface Client {
  client_id: string
  /** Hashes of the live secrets (`hashSecret`); none for a public client. */
  secret_hashes: readonly string[]
  client_name: string
  redirect_uris: readonly string[]
  post_logout_redirect_uris: readonly string[]
  grant_types: readonly string[]
  token_endpoint_auth_method:
    | 'client_secret_basic'
    | 'client_secret_post'
    | 'private_key_jwt'
    | 'none'
  application_type: 'web' | 'native'
  id_token_signed_response_alg: 'RS256' | 'ES256'
  jwks: { keys: readonly Record<string, unknown>[] } | null
  jwks_uri: string | null
  logo_uri: string | null
  client_uri: string | null
  policy_uri: string | null
  tos_uri: string | null
  initiate_login_uri: string | null
  require_pushed_authorization_requests: boolean
  dpop_bound_access_tokens: boolean
  /** Ours from here on. */
  first_party: boolean
  require_pkce: boolean
  /** Two kinds of factor at every sign-in, and a text message is none of them. */
  require_authenticator: boolean
  link_mode: LinkMode
  /** Scopes of `resources` that this client may ask for; empty: all. */
  api_scopes: readonly string[]
  branding: { color: string | null; logo_uri: string | null } | null
  /** True where the configuration file holds it. */
  managed_by_file: boolean
}
