import { Command } from 'commander'
import { whole } from '../arguments.ts'
import { asking, type Common, several, withCalls } from '../command.ts'
import type { Calls } from '../contract.ts'
import { orNotFound } from '../failure.ts'
import { listAll } from '../lists.ts'
import { say, sayJson, table, warn } from '../print.ts'

interface Client {
  client_id: string
  client_name: string
  redirect_uris: string[]
  grant_types: string[]
  token_endpoint_auth_method: string
  managed_by_file: boolean
  secrets: { id: string }[]
  client_secret?: string
}

interface AddedSecret {
  id: string
  client_secret: string
}

interface CreateOptions extends Common {
  name?: string
  id?: string
  redirectUri?: string[]
  postLogoutRedirectUri?: string[]
  scope?: string[]
  public?: boolean
  firstParty?: boolean
}

const hour = 3_600_000

const create = async ({ json, ...options }: CreateOptions): Promise<void> =>
  withCalls(options, async ({ call, baseUrl }) => {
    const { redirectUri, postLogoutRedirectUri, scope } = options
    const made = await call<Client>('clients.create', {
      body: {
        ...(options.id === undefined ? {} : { client_id: options.id }),
        ...(options.name === undefined ? {} : { client_name: options.name }),
        // Nobody is sent back to a program that signs nobody in.
        ...(redirectUri ? { redirect_uris: redirectUri } : { grant_types: ['client_credentials'] }),
        ...(postLogoutRedirectUri ? { post_logout_redirect_uris: postLogoutRedirectUri } : {}),
        ...(scope ? { api_scopes: scope.flatMap((each) => each.split(/[\s,]+/)) } : {}),
        ...(options.public ? { token_endpoint_auth_method: 'none' } : {}),
        ...(options.firstParty ? { first_party: true } : {}),
      },
    })
    const issuer = `${baseUrl}/oidc`
    const { client_id, client_secret } = made
    if (json) return sayJson({ issuer, client_id, ...(client_secret ? { client_secret } : {}) })
    say(
      table([
        ['issuer', issuer],
        ['client_id', client_id],
        ...(client_secret ? [['client_secret', client_secret]] : []),
      ]),
    )
    if (client_secret)
      warn('The secret is shown this once. Keep it where the application reads it.')
  })

const kindOf = ({ token_endpoint_auth_method: method, grant_types }: Client): string => {
  if (!grant_types.includes('authorization_code')) return 'program'
  return method === 'none' ? 'public' : 'confidential'
}

const list = async ({ json, search, ...place }: Common & { search?: string }): Promise<void> =>
  withCalls(place, async (calls) => {
    const all = await listAll<Client>(calls, 'clients.list', { query: { search } })
    if (json) return sayJson(all)
    if (all.length === 0) return warn('There are none. Make one with `npx avouch clients create`.')
    say(
      table([
        ['CLIENT ID', 'NAME', 'KIND', 'HELD BY', 'REDIRECTS'],
        ...all.map((client) => [
          client.client_id,
          client.client_name,
          kindOf(client),
          client.managed_by_file ? 'file' : 'console',
          client.redirect_uris.join(' '),
        ]),
      ]),
    )
  })

/** The old secrets end in `keep` hours, or at once. */
const replace = async ({ call }: Calls, client_id: string, keep: number) => {
  const params = { client_id }
  const words = `There is no client ${client_id}. \`npx avouch clients list\` shows those that there are.`
  const ends = new Date(Date.now() + keep * hour).toISOString()
  const body = keep > 0 ? { others_expire_at: ends } : {}
  const added = await orNotFound(call<AddedSecret>('clients.addSecret', { params, body }), words)
  if (keep > 0) return added.client_secret
  const { secrets } = await call<Client>('clients.read', { params })
  for (const { id } of secrets.filter(({ id }) => id !== added.id)) {
    await call('clients.removeSecret', { params: { client_id, secret_id: id } })
  }
  return added.client_secret
}

const rotateSecret = async (
  clientId: string,
  { json, keep, ...place }: Common & { keep: number },
): Promise<void> =>
  withCalls(place, async (calls) => {
    const client_secret = await replace(calls, clientId, keep)
    if (json) return sayJson({ client_id: clientId, client_secret })
    say(table([['client_secret', client_secret]]))
    const ends = keep > 0 ? `work on for ${keep} hours` : 'open nothing any more'
    warn(`The secret is shown this once. The old ones ${ends}.`)
  })

/** `clients create|list|rotate-secret` */
export const clientCommands = (): Command => {
  const clients = new Command('clients').description('applications, and programs that call the API')
  clients.addCommand(
    asking('create')
      .description('register an application; without --redirect-uri, a program of its own')
      .option('--name <name>', 'what people read')
      .option('--id <client_id>', 'the client id; a random one otherwise')
      .addOption(several('--redirect-uri <uri>', 'where people are sent back to; may be repeated'))
      .addOption(several('--post-logout-redirect-uri <uri>', 'the same after signing out'))
      .addOption(several('--scope <scope>', 'scope of an API that it may ask for; may be repeated'))
      .option('--public', 'runs on devices of others and can keep no secret')
      .option('--first-party', 'is yours: people are not asked for their consent')
      .action(create),
  )
  clients.addCommand(
    asking('list')
      .description('list clients, the newest first')
      .option('--search <text>', 'part of the name or the id')
      .action(list),
  )
  clients.addCommand(
    asking('rotate-secret')
      .description('give a client a new secret')
      .argument('<client_id>')
      .option('--keep <hours>', 'how long the old ones work on; 0: not at all', whole(0, 8760), 24)
      .action(rotateSecret),
  )
  return clients
}
