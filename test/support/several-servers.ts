import { createDatabase } from './fresh-database.ts'
import type { Fetch } from './loopback.ts'
import { spread } from './race.ts'
import { roundRobin } from './round-robin.ts'
import type { Scope } from './scope.ts'
import { type Server, type ServerOptions, startServer } from './server.ts'

export interface SeveralServers {
  /** Public origin of all of them: a browser that goes there meets another process each time. */
  baseUrl: string
  issuer: string
  servers: readonly Server[]
  databaseUrl: string
  /** Sends each request to the next process. */
  fetch: Fetch
  output(): string
}

/** Starts `count` processes of one deployment on one PostgreSQL database. */
export async function startServers(
  scope: Scope,
  count: number,
  options: Omit<ServerOptions, 'kind' | 'databaseUrl' | 'dataDir'> = {},
): Promise<SeveralServers> {
  const front = await roundRobin(scope)
  const database = await createDatabase()
  const baseUrl = options.baseUrl ?? (options.production ? 'https://id.example.com' : front.origin)
  const servers: Server[] = []
  for (let number = 0; number < count; number++) {
    servers.push(await startServer(scope, { ...options, baseUrl, databaseUrl: database.url }))
  }
  scope.after(database.drop)
  front.forwardTo(servers.map(({ address }) => address))

  const next = spread(servers)
  let turn = 0
  return {
    baseUrl,
    issuer: `${baseUrl}/oidc`,
    servers,
    databaseUrl: database.url,
    fetch: (url, asked) => next(turn++).fetch(url, asked),
    output: () => servers.map((server) => server.output()).join(''),
  }
}
