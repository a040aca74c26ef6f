import { type Db, exclusively } from '#src/db/index.ts'
import type { Keyring } from '#src/lib/crypto.ts'
import { resealSecrets, sealedAfter } from './repository.ts'

/** Few enough that those who sign in meanwhile wait for nothing. */
const stretch = 500

/**
 * Seals secrets with the newest key, a stretch at each call and then from the beginning again: a
 * process that does not have that key yet may still add some. Processes take turns.
 */
export const sealingAgain = (db: Db, keys: Keyring, context: (userId: string) => string) => {
  let after = ''

  return (): Promise<void> =>
    exclusively(db, 'totp_secrets', async (tx) => {
      const found = await sealedAfter(tx, after, stretch)
      const changes = found.flatMap((each) => {
        const renewed = keys.renew(each.sealed, context(each.userId))
        return renewed ? [{ ...each, renewed }] : []
      })
      await resealSecrets(tx, changes)
      after = found.length < stretch ? '' : found.at(-1)!.userId
    })
}
