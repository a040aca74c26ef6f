import { z } from 'zod'
import type { ClientSecret, StoredClient } from '#src/clients/index.ts'

const uri = z.string().nullable()

/** What of a secret is told after it was shown. */
export const secretView = z.object({
  id: z.string(),
  label: z.string().nullable(),
  created_at: z.iso
    .datetime()
    .nullable()
    .describe('Null for one of the configuration file or the environment.'),
  expires_at: z.iso.datetime().nullable().describe('From then on it opens nothing.'),
})

/** A client under the names of OpenID Connect Dynamic Client Registration 1.0. */
export const clientView = z.object({
  client_id: z.string(),
  client_name: z.string(),
  redirect_uris: z.array(z.string()),
  post_logout_redirect_uris: z.array(z.string()),
  grant_types: z.array(z.string()),
  token_endpoint_auth_method: z.string(),
  application_type: z.string(),
  id_token_signed_response_alg: z.string(),
  jwks: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }).nullable(),
  jwks_uri: uri,
  logo_uri: uri,
  client_uri: uri,
  policy_uri: uri,
  tos_uri: uri,
  initiate_login_uri: uri,
  backchannel_logout_uri: uri.describe('It is told there of sessions that have ended.'),
  backchannel_logout_session_required: z.boolean(),
  require_pushed_authorization_requests: z.boolean(),
  dpop_bound_access_tokens: z.boolean(),
  first_party: z.boolean().describe('People are not asked for their consent.'),
  require_pkce: z.boolean(),
  require_authenticator: z.boolean(),
  second_factor: z.string().nullable().describe('Null: as the settings say.'),
  link_mode: z.string().nullable().describe('null: as the sign-in experience has it.'),
  api_scopes: z
    .array(z.string())
    .describe('Empty: every scope of every resource, not of this API.'),
  branding: z.object({ color: z.string().nullable(), logo_uri: uri }).nullable(),
  secrets: z.array(secretView),
  managed_by_file: z.boolean().describe('Held by the configuration file, and read-only here.'),
  version: z.int(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
})

const shownOnce = z.string().describe('Shown this once.')

export const changedClientView = clientView.extend({ client_secret: shownOnce.optional() })

export const addedSecretView = secretView.extend({ client_secret: shownOnce })

const withoutHash = ({ hash: _, ...secret }: ClientSecret) => secret

/** A client as it leaves the server. */
export const presentClient = ({ client, version, createdAt, updatedAt }: StoredClient) => ({
  ...client,
  secrets: client.secrets.map(withoutHash),
  version,
  created_at: createdAt.toISOString(),
  updated_at: updatedAt.toISOString(),
})
