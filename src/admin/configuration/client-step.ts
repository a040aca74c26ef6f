import { clientPatch, type DeclaredClient } from '#config/client-schema.ts'
import { checkSecret, readClient } from '#src/clients/index.ts'
import type { Db } from '#src/db/contract.ts'
import type { Change, ClientState, MadeSecret, Run, Step } from './contract.ts'
import { changesOf } from './values.ts'

/** A client of the file: its secret as it was given, null where it was not, undefined where there is none. */
export interface WantedClient {
  index: number
  declared: DeclaredClient
  secret: string | null | undefined
}

const names = Object.keys(clientPatch.shape)

/** Everything that can be said of a client, absent as null. */
export const metadataOf = (client: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(names.map((name) => [name, ofBranding(client[name]) ?? null]))

/** Colour and logo as they are compared: nothing of both is none. */
const ofBranding = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || !('color' in value || 'logo_uri' in value)) {
    return value
  }
  const { color = null, logo_uri = null } = value as { color?: unknown; logo_uri?: unknown }
  return color === null && logo_uri === null ? null : { color, logo_uri }
}

/** What makes a client what the file says; null where it is. */
export const clientStep = async (
  db: Db,
  { index, declared, secret }: WantedClient,
  current: ClientState | undefined,
): Promise<Step | null> => {
  const { client_id } = declared
  const path = `clients.${client_id}`
  const entry = `clients[${index}]`
  const place = (within: string) => `${entry}.${within}`
  const wanted = metadataOf(declared)

  if (!current) {
    const said = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== null))
    const body = { client_id, ...wanted, ...(secret ? { client_secret: secret } : {}) }
    return {
      changes: [{ path, kind: 'added', after: said }],
      entry,
      place,
      perform: async (run) => shown(await run<Made>('clients.create', { body }), secret),
    }
  }

  const metadata = changesOf(path, metadataOf(current), wanted, true)
  const another = typeof secret === 'string' && !(await opens(db, client_id, secret))
  const change: Change = { path: `${path}.client_secret`, kind: 'changed' }
  const changes = [...metadata, ...(another ? [change] : [])]
  if (changes.length === 0) return null
  return {
    changes,
    entry,
    place,
    async perform(run) {
      const params = { client_id }
      const made =
        metadata.length > 0
          ? shown(await run<Made>('clients.update', { params, body: wanted }), secret)
          : []
      if (another) await addSecret(run, client_id, secret)
      return made
    },
  }
}

interface Made {
  client_id: string
  client_secret?: string
}

/** What was given is known already. */
const shown = (
  { client_id, client_secret }: Made,
  given: string | null | undefined,
): MadeSecret[] =>
  client_secret === undefined || client_secret === given || typeof given === 'string'
    ? []
    : [{ client_id, client_secret }]

const opens = async (db: Db, clientId: string, secret: string): Promise<boolean> =>
  checkSecret((await readClient(db, clientId)).client.secrets, secret, new Date())

/** The others stay: applications may still use them. */
const addSecret = (run: Run, client_id: string, client_secret: string): Promise<unknown> =>
  run('clients.addSecret', { params: { client_id }, body: { client_secret } })
