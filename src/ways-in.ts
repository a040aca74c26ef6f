import type { Keyring } from './lib/crypto.ts'
import type { Users } from './users/index.ts'
import { readCommonPasswords, type VerificationDeps, verifications } from './verification/index.ts'

type MessageDeps = VerificationDeps['message']

export interface WaysInDeps
  extends Pick<MessageDeps, 'db' | 'messaging' | 'settings' | 'baseUrl' | 'later'> {
  keys: (purpose: string) => Keyring
  users: Users
}

/** Every way to prove who one is, each with keys of its own. */
export const waysIn = async ({ keys, users, later, messaging, ...shared }: WaysInDeps) => {
  const { db, settings, baseUrl } = shared
  const now = () => new Date()
  return verifications({
    message: { ...shared, keys: keys('challenges'), messaging, later, now },
    password: {
      db,
      pepper: keys('passwords'),
      common: await readCommonPasswords(),
      findUserId: async (identifier) =>
        (await users.findOwner(identifier)) ?? users.findUnproven(identifier),
      now,
    },
    totp: { db, keys: keys('totp'), now },
    backupCode: { db, keys: keys('backup-codes'), now },
    passkey: { db, settings, baseUrl, now },
  })
}
