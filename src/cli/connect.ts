import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { commandLineId, managementClientId } from '#config/client-schema.ts'
import { type Env, environment, loadEnv } from '#config/env.ts'
import { commandLineSecret, rootSecrets } from '#config/secret.ts'
import { isLoopbackHost } from '#config/uris.ts'
import type { Calls, Place } from './contract.ts'
import { CommandFailure } from './failure.ts'
import type { Credentials } from './remote.ts'

/**
 * Whoever runs the operations: the server at `--url`; the server of this machine that has the
 * embedded database open; else this process itself.
 *
 * @throws ConfigurationError or CommandFailure with what to do
 */
export const connect = async (place: Place): Promise<Calls> => {
  const running = await runningServer(place)
  if (running) {
    const { openRemotely } = await import('./remote.ts')
    return openRemotely({ baseUrl: running, credentials: credentialsFor(running, place) })
  }
  const { openLocally } = await import('./local.ts')
  return openLocally(loadEnv())
}

/** Origin of the server to ask over HTTP; null where this process can open the database itself. */
export const runningServer = async ({ url }: Place): Promise<string | null> => {
  if (url !== undefined) return originOf(url)
  const env = loadEnv()
  return env.DATABASE_URL ? null : holderOf(env)
}

const holderOf = async ({ DATA_DIR }: Env): Promise<string | null> => {
  const { embeddedHolder } = await import('../db/index.ts')
  const holder = await embeddedHolder(DATA_DIR)
  // Another command has no address; it will have ended in a moment.
  return /\((https?:\/\/\S+)\)/.exec(holder ?? '')?.[1] ?? null
}

const originOf = (given: string): string => {
  const url = URL.parse(given)
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new CommandFailure(
      `--url ${given} is no address; it has to be like https://id.example.com.`,
    )
  }
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
    throw new CommandFailure(`--url ${given}: credentials are sent over https only.`)
  }
  return url.origin
}

/** Secrets come from the environment alone: arguments are seen by everybody on the machine. */
const credentialsFor = (baseUrl: string, { clientId }: Place): Credentials => {
  const given = environment()
  if (clientId !== undefined) {
    const secret = given.AVOUCH_CLIENT_SECRET
    if (secret) return { clientId, secret }
    throw new CommandFailure(
      `Set AVOUCH_CLIENT_SECRET to the secret of the client ${clientId}, in the environment or in .env.`,
    )
  }
  if (given.MANAGEMENT_CLIENT_SECRET) {
    return { clientId: managementClientId, secret: given.MANAGEMENT_CLIENT_SECRET }
  }
  const own = isLoopbackHost(new URL(baseUrl).hostname) ? ownCredentials() : null
  if (own) return own
  throw new CommandFailure(
    `Set MANAGEMENT_CLIENT_SECRET to the value that ${baseUrl} has, or name a client with --client-id and set AVOUCH_CLIENT_SECRET.`,
  )
}

/** For a server that evaluates on this machine, which shares the root secret with its operator. */
const ownCredentials = (): Credentials | null => {
  const env = loadEnv()
  const known = env.SECRET_KEYS.length > 0 || existsSync(join(env.DATA_DIR, 'secret'))
  if (env.production || !known) return null
  return { clientId: commandLineId, secret: commandLineSecret(rootSecrets(env)) }
}
