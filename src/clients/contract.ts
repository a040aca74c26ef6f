import type { LinkMode, SecondFactorPolicy } from '#src/settings/contract.ts'

/** A secret that was shown once; only its hash is kept. */
export interface ClientSecret {
  /** Of the secrets of this client. */
  id: string
  /** See `hashSecret`. */
  hash: string
  label: string | null
  /** ISO 8601; null for one that was declared, in the configuration file or the environment. */
  created_at: string | null
  /** ISO 8601; from then on it opens nothing. Null: it has no end. */
  expires_at: string | null
}

/** A relying party. Field names are those of OpenID Connect Dynamic Client Registration 1.0. */
export interface Client {
  client_id: string
  /** Expired ones too; none for a client that needs none. */
  secrets: readonly ClientSecret[]
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
  /** Where it is told of sessions that have ended (OpenID Connect Back-Channel Logout 1.0). */
  backchannel_logout_uri: string | null
  /** It wants the session to be named; every logout token names it. */
  backchannel_logout_session_required: boolean
  require_pushed_authorization_requests: boolean
  dpop_bound_access_tokens: boolean
  /** Ours from here on. */
  first_party: boolean
  require_pkce: boolean
  /** Two kinds of factor at every sign-in, and a text message is none of them. */
  require_authenticator: boolean
  /** When a second factor is asked for here; null: as the settings say. */
  second_factor: SecondFactorPolicy | null
  /** Null: as the sign-in experience has it. */
  link_mode: LinkMode | null
  /** Scopes of `resources` that this client may ask for; empty: all. */
  api_scopes: readonly string[]
  branding: { color: string | null; logo_uri: string | null } | null
  /** True where the configuration file or the environment holds it. */
  managed_by_file: boolean
}

/** A client with what is known of its row. */
export interface StoredClient {
  client: Client
  /** Raised by every change. */
  version: number
  createdAt: Date
  updatedAt: Date
}
