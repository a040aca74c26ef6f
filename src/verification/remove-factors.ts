import type { Db } from '#src/db/contract.ts'
import { deleteCodes } from './backup-code/repository.ts'
import { deletePasskeys } from './passkey/repository.ts'
import { deleteHash } from './password/repository.ts'
import { deleteSecret } from './totp/repository.ts'

export const resettableFactors = ['password', 'totp', 'backup-codes', 'passkeys'] as const
export type ResettableFactor = (typeof resettableFactors)[number]

/** Those that come second: without them, somebody signs in by the first alone and sets up new ones. */
export const secondFactorKinds = [
  'totp',
  'backup-codes',
  'passkeys',
] as const satisfies ResettableFactor[]

const remove: Record<ResettableFactor, (db: Db, userId: string) => Promise<void>> = {
  password: deleteHash,
  totp: deleteSecret,
  'backup-codes': deleteCodes,
  passkeys: deletePasskeys,
}

/** Takes away what somebody has enrolled. Signing them out is for the caller. */
export const removeFactors = async (
  tx: Db,
  userId: string,
  factors: readonly ResettableFactor[],
): Promise<void> => {
  for (const factor of factors) await remove[factor](tx, userId)
}
