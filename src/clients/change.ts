import { randomUUID } from 'node:crypto'
import {
  type ClientInput,
  type ClientPatch,
  clientIdFault,
  clientSchema,
} from '#config/client-schema.ts'
import { place } from '#config/names.ts'
import { words } from '#config/words.ts'
import type { Db } from '#src/db/contract.ts'
import { Problem } from '#src/lib/problem.ts'
import type { Client, StoredClient } from './contract.ts'
import { fromDeclared } from './declared.ts'
import { clientRepository } from './repository.ts'
import { type NewSecret, newSecret, usesSecret } from './secrets.ts'

/** What every change may be given. */
export interface ChangeOptions {
  /** What was looked at before; null: whatever is there. */
  version?: number | null
  /** Throws for a client that whoever asks may not hold; called for how it was and how it will be. */
  guard?: (client: Client) => void
  now?: Date
}

/** What may be said of a new client. */
export type NewClient = ClientPatch & {
  client_id?: string | undefined
  /** A secret that applications have already; a random one without. */
  client_secret?: string | undefined
}

export interface Changed extends StoredClient {
  /** A secret that was made along with it, to be shown once; null where there is none. */
  secret: string | null
}

/**
 * Makes a client. One that proves itself by a secret is given one; that is what a client does of
 * which nothing else is said, unless it brings keys (RFC 7591, section 2).
 *
 * @throws Problem `invalid_input` with a line for each fault, `already_exists`, or what `guard` throws
 */
export const createClient = async (
  db: Db,
  { client_id = randomUUID(), client_secret: own, ...metadata }: NewClient,
  { guard, now = new Date() }: Omit<ChangeOptions, 'version'> = {},
): Promise<Changed> => {
  const fault = clientIdFault(client_id)
  if (fault) throw invalid('client_id', fault)
  const described = possible({
    client_id,
    ...(own === undefined ? {} : { client_secret: own }),
    ...withoutNull(metadata),
  })
  const { client, secret } = withSecret(described, now, own)
  guard?.(client)
  const created = await clientRepository(db).insert(client)
  if (!created) {
    const message = 'is the id of another client'
    throw new Problem('already_exists', { errors: [{ path: 'client_id', message }] })
  }
  return { ...created, secret }
}

/**
 * Changes some of what is said of a client. One that begins to prove itself by a secret is given
 * one; one that ends to loses its secrets. Call it in a transaction.
 *
 * @throws Problem `not_found`, `version_changed`, `managed_by_file`, `invalid_input`, or what `guard`
 *   throws
 */
export const updateClient = async (
  tx: Db,
  clientId: string,
  patch: ClientPatch,
  options: ChangeOptions = {},
): Promise<Changed> => {
  const before = await lockClient(tx, clientId, options)
  const { secrets, managed_by_file: _, ...metadata } = before.client
  const described = possible(withoutNull({ ...metadata, ...given(patch) }) as ClientInput)
  const { client, secret } = withSecret({ ...described, secrets }, options.now ?? new Date())
  options.guard?.(client)
  return { ...(await saveClient(tx, client, before.version)), secret }
}

/**
 * Deletes a client. What it was given is for the caller to delete in the same transaction.
 *
 * @throws Problem `not_found`, `version_changed` or `managed_by_file`
 */
export const deleteClient = async (
  tx: Db,
  clientId: string,
  { version = null }: Pick<ChangeOptions, 'version'> = {},
): Promise<StoredClient> => {
  const before = await lockClient(tx, clientId, { version })
  await clientRepository(tx).remove(clientId)
  return before
}

/**
 * A client that is about to be changed; others wait until the end of the transaction.
 *
 * @throws Problem `not_found`, `version_changed`, `managed_by_file`, or what `guard` throws
 */
export const lockClient = async (
  tx: Db,
  clientId: string,
  { version = null, guard }: Pick<ChangeOptions, 'version' | 'guard'>,
): Promise<StoredClient> => {
  const stored = await clientRepository(tx).lock(clientId)
  if (!stored) throw new Problem('not_found')
  if (stored.client.managed_by_file) throw new Problem('managed_by_file')
  guard?.(stored.client)
  if (version !== null && version !== stored.version) throw new Problem('version_changed')
  return stored
}

/** @throws Problem `version_changed`, which can not be for a client that was locked */
export const saveClient = async (
  tx: Db,
  client: Client,
  version: number,
): Promise<StoredClient> => {
  const saved = await clientRepository(tx).update(client, version)
  if (!saved) throw new Problem('version_changed')
  return saved
}

/** What is checked where a secret belongs: it is made once everything else is right. */
const secretToCome = 'to-come'

/** @throws Problem `invalid_input` with a line for each fault */
const possible = (input: ClientInput): Client => {
  const keys = input.jwks ?? input.jwks_uri
  const method =
    input.token_endpoint_auth_method ?? (keys ? 'private_key_jwt' : 'client_secret_basic')
  const whole: ClientInput = { ...input, token_endpoint_auth_method: method }
  if (usesSecret({ token_endpoint_auth_method: method })) whole.client_secret = secretToCome
  const parsed = clientSchema.safeParse(whole, { error: words })
  if (parsed.success) return { ...fromDeclared(parsed.data, false), secrets: [] }
  const errors = parsed.error.issues.map(({ path, message }) => ({
    path: place(path as (string | number)[]),
    message,
  }))
  throw new Problem('invalid_input', { errors })
}

/** The client with a secret where it needs one and has none, and without any where it needs none. */
const withSecret = (
  client: Client,
  now: Date,
  own?: string,
): { client: Client; secret: string | null } => {
  if (!usesSecret(client)) return { client: { ...client, secrets: [] }, secret: null }
  if (client.secrets.length > 0) return { client, secret: null }
  const made: NewSecret = newSecret(now, { value: own })
  return { client: { ...client, secrets: [made.kept] }, secret: made.value }
}

const invalid = (path: string, message: string) =>
  new Problem('invalid_input', { errors: [{ path, message }] })

const given = (patch: ClientPatch): ClientPatch =>
  Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined))

type NonNull<T> = { [Key in keyof T]: Exclude<T[Key], null> }

const withoutNull = <T extends object>(given: T): NonNull<T> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null)) as NonNull<T>
