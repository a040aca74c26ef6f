import type { Db } from '#src/db/contract.ts'
import { type Keyring, openOrNull } from '#src/lib/crypto.ts'
import { webhookRepository } from './repository.ts'

const context = (id: string) => `webhooks/${id}`

export const sealSecret = (keys: Keyring, id: string, secret: string): Buffer =>
  keys.seal(secret, context(id))

/** Those that can be opened: what was sealed under a key that is gone signs nothing. */
export const openSecrets = (keys: Keyring, id: string, sealed: readonly Buffer[]): string[] =>
  sealed.flatMap((each) => openOrNull(keys, each, context(id)) ?? [])

/** Seals secrets again that were sealed before `SECRET_KEYS` got a newer one. */
export const sealWebhooksAgain = async (db: Db, keys: Keyring): Promise<void> => {
  const repository = webhookRepository(db)
  for (const found of await repository.sealed()) {
    const { id, secret, previous } = found
    const newest = keys.renew(secret, context(id))
    const before = previous && keys.renew(previous, context(id))
    if (!newest && !before) continue
    await repository.reseal(found, { id, secret: newest ?? secret, previous: before ?? previous })
  }
}

/** Of the webhooks that nothing can be sent to, since none of the keys opens their secret, the first. */
export const unreadableWebhooks = async (
  db: Db,
  keys: Keyring,
  most: number,
): Promise<string[]> => {
  const all = await webhookRepository(db).sealed()
  const unreadable = all.filter(({ id, secret }) => openSecrets(keys, id, [secret]).length === 0)
  return unreadable.slice(0, most).map(({ id }) => id)
}
