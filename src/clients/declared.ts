import { type ClientInput, clientSchema, type DeclaredClient } from '#config/client-schema.ts'
import type { Client, ClientSecret } from './contract.ts'
import { hashSecret } from './secrets.ts'

/** The same at every start, so that a client that stays the same is not written again. */
const declaredSecret = (secret: string): ClientSecret => ({
  id: 'declared',
  hash: hashSecret(secret),
  label: null,
  created_at: null,
  expires_at: null,
})

/** A client as it is kept: the secret only as its hash, what is absent as null. */
export const fromDeclared = (declared: DeclaredClient, managedByFile: boolean): Client => {
  const { client_secret, branding, ...client } = declared
  return {
    ...client,
    secrets: client_secret ? [declaredSecret(client_secret)] : [],
    jwks: client.jwks ?? null,
    jwks_uri: client.jwks_uri ?? null,
    logo_uri: client.logo_uri ?? null,
    client_uri: client.client_uri ?? null,
    policy_uri: client.policy_uri ?? null,
    tos_uri: client.tos_uri ?? null,
    initiate_login_uri: client.initiate_login_uri ?? null,
    backchannel_logout_uri: client.backchannel_logout_uri ?? null,
    second_factor: client.second_factor ?? null,
    branding: branding
      ? { color: branding.color ?? null, logo_uri: branding.logo_uri ?? null }
      : null,
    managed_by_file: managedByFile,
  }
}

/**
 * A client from what has to be said of it; the rest is filled in as in the configuration file.
 *
 * @throws ZodError when it could not work or would not be safe
 */
export const newClient = (input: ClientInput): Client =>
  fromDeclared(clientSchema.parse(input), false)
