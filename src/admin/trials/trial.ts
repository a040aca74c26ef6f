import { clientSchema, isTrialId, trialPrefix } from '#config/client-schema.ts'
import { type Client, newClient } from '#src/clients/index.ts'
import type { Db } from '#src/db/contract.ts'
import { type Keyring, randomToken } from '#src/lib/crypto.ts'
import { scopes } from '../contract.ts'
import { trialRepository } from './repository.ts'

/** Where a trial sends people back to; no registered client has it. */
export const trialRedirectUri = (baseUrl: string): string => `${baseUrl}/admin/clients/try/callback`

export const newTrialId = (): string => trialPrefix + randomToken()

/** Known to this server alone: a code that somebody else comes by is of no use to them. */
export const trialSecret = (keys: Keyring, id: string): string =>
  keys.mac('client trial', id).toString('base64url')

interface TrialOptions {
  id: string
  secret: string
  baseUrl: string
}

/**
 * What people meet is as of the client: its name, consent, factors, links and signatures. How it is
 * answered is ours: one redirect URI, a secret, and nothing of the management API.
 */
const copyOf = (client: Client, { id, secret, baseUrl }: TrialOptions): Client => ({
  ...newClient(
    clientSchema.parse({
      client_id: id,
      client_secret: secret,
      redirect_uris: [trialRedirectUri(baseUrl)],
      grant_types: ['authorization_code'],
    }),
  ),
  client_name: client.client_name,
  logo_uri: client.logo_uri,
  client_uri: client.client_uri,
  policy_uri: client.policy_uri,
  tos_uri: client.tos_uri,
  branding: client.branding,
  first_party: client.first_party,
  require_authenticator: client.require_authenticator,
  second_factor: client.second_factor,
  link_mode: client.link_mode,
  id_token_signed_response_alg: client.id_token_signed_response_alg,
  api_scopes: client.api_scopes.filter((scope) => !scopes.some((own) => own === scope)),
})

export interface TrialDeps {
  db: Db
  keys: Keyring
  baseUrl: string
  findClient: (clientId: string) => Promise<Client | null>
}

/** Adds the trials that are under way to the clients that are found: they are in no list. */
export const withTrials =
  ({ db, keys, baseUrl, findClient }: TrialDeps): TrialDeps['findClient'] =>
  async (clientId) => {
    if (!isTrialId(clientId)) return findClient(clientId)
    const tried = await trialRepository(db).find(clientId)
    const client = tried === null ? null : await findClient(tried)
    return client && copyOf(client, { id: clientId, secret: trialSecret(keys, clientId), baseUrl })
  }
