import { clientSchema, consoleClientId } from '#config/client-schema.ts'
import { type Client, newClient } from '#src/clients/index.ts'
import type { Listening } from './own-fetch.ts'

export interface ConsoleOptions {
  baseUrl: string
  /** Derived from the root secret, so that it need not be kept anywhere. */
  secret: string
  listening: Listening
}

export const redirectUri = (baseUrl: string) => `${baseUrl}/admin/callback`
export const signedOutUri = (baseUrl: string) => `${baseUrl}/admin/signed-out`

/** Its registration: it takes two factors, and a text message is none of them. */
export const consoleClient = ({ baseUrl, secret }: Omit<ConsoleOptions, 'listening'>): Client =>
  newClient(
    clientSchema.parse({
      client_id: consoleClientId,
      client_secret: secret,
      client_name: 'Admin console',
      redirect_uris: [redirectUri(baseUrl)],
      post_logout_redirect_uris: [signedOutUri(baseUrl)],
      grant_types: ['authorization_code'],
      first_party: true,
      require_authenticator: true,
    }),
  )
