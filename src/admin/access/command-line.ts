import { clientSchema, commandLineId } from '#config/client-schema.ts'
import { commandLineSecret } from '#config/secret.ts'
import { type Client, newClient } from '#src/clients/index.ts'
import { type Actor, scopes } from '../contract.ts'

/** Whoever runs commands on the machine itself holds the database and its secrets: they may all. */
export const operator: Actor = {
  kind: 'client',
  id: commandLineId,
  role: null,
  scopes: new Set(scopes),
  authenticatedAt: null,
}

/**
 * Adds the command line to the clients that are found, while evaluating alone: the embedded database
 * has one process, which commands then have to ask over HTTP.
 */
export const withCommandLine = (
  secrets: readonly string[],
  findClient: (clientId: string) => Promise<Client | null>,
): typeof findClient => {
  const own = newClient(
    clientSchema.parse({
      client_id: commandLineId,
      client_secret: commandLineSecret(secrets),
      client_name: 'Command line',
      grant_types: ['client_credentials'],
      api_scopes: [...scopes],
    }),
  )
  return async (clientId) => (clientId === commandLineId ? own : findClient(clientId))
}
