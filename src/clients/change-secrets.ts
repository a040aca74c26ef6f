import type { Db } from '#src/db/contract.ts'
import { Problem } from '#src/lib/problem.ts'
import { type ChangeOptions, lockClient, saveClient } from './change.ts'
import type { ClientSecret, StoredClient } from './contract.ts'
import { isLive, newSecret, usesSecret } from './secrets.ts'

/** Of one client at a time; nobody replaces a secret in ten steps. */
const most = 10

export interface SecretInput {
  /** For people, such as where it is used. */
  label?: string | null | undefined
  expiresAt?: Date | null | undefined
  /** One that applications have already; a random one without. */
  value?: string | undefined
  /** The other secrets end then at the latest. */
  othersExpireAt?: Date | null | undefined
}

export interface AddedSecret {
  stored: StoredClient
  secret: ClientSecret
  /** To be shown once. */
  value: string
}

/**
 * Gives a client another secret, beside those that it has; expired ones make room. Call it in a
 * transaction.
 *
 * @throws Problem `not_found`, `version_changed`, `managed_by_file`, `invalid_input`, or what `guard`
 *   throws
 */
export const addSecret = async (
  tx: Db,
  clientId: string,
  { label, expiresAt, othersExpireAt, value: own }: SecretInput,
  options: ChangeOptions = {},
): Promise<AddedSecret> => {
  const { now = new Date() } = options
  const { client, version } = await lockClient(tx, clientId, options)
  if (!usesSecret(client)) {
    const message = `is ${client.token_endpoint_auth_method}: the client has no use for a secret`
    throw invalid('token_endpoint_auth_method', message)
  }
  for (const [path, end] of Object.entries({
    expires_at: expiresAt,
    others_expire_at: othersExpireAt,
  })) {
    if (end && end <= now) throw invalid(path, 'has to be in the future')
  }
  const live = client.secrets.filter((each) => isLive(each, now))
  if (live.length >= most) throw invalid('secrets', `are ${most} already; remove one first`)
  const { value, kept } = newSecret(now, { label, expiresAt, value: own })
  const others = othersExpireAt ? live.map((each) => endBy(each, othersExpireAt)) : live
  const stored = await saveClient(tx, { ...client, secrets: [...others, kept] }, version)
  return { stored, secret: kept, value }
}

/**
 * Takes a secret from a client; it opens nothing any more. Call it in a transaction.
 *
 * @throws Problem `last_secret` for the only one that still opens, else as {@link addSecret}
 */
export const removeSecret = async (
  tx: Db,
  clientId: string,
  secretId: string,
  options: ChangeOptions = {},
): Promise<StoredClient> => {
  const { now = new Date() } = options
  const { client, version } = await lockClient(tx, clientId, options)
  const removed = client.secrets.find(({ id }) => id === secretId)
  if (!removed) throw new Problem('not_found')
  const secrets = client.secrets.filter(({ id }) => id !== secretId)
  const needed = usesSecret(client) && isLive(removed, now)
  if (needed && !secrets.some((each) => isLive(each, now))) throw new Problem('last_secret')
  return saveClient(tx, { ...client, secrets }, version)
}

const endBy = (secret: ClientSecret, end: Date): ClientSecret =>
  isLive(secret, end) ? { ...secret, expires_at: end.toISOString() } : secret

const invalid = (path: string, message: string) =>
  new Problem('invalid_input', { errors: [{ path, message }] })
