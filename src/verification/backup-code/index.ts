/**
 * Ten codes on paper for the day when the phone is gone. Each signs in once; they are shown when
 * they are made and never again.
 */
import type { Db } from '#src/db/contract.ts'
import type { Keyring } from '#src/lib/crypto.ts'
import { Problem } from '#src/lib/problem.ts'
import type { Method } from '../contract.ts'
import { cleanCode } from '../normalise.ts'
import { randomCode, readCode } from './code.ts'
import { countCodes, deleteCodes, saveCodes, spendCode } from './repository.ts'

export { type BackupCodesText, backupCodesText } from './text.ts'

export interface BackupCodeDeps {
  db: Db
  /** Keys for nothing else. */
  keys: Keyring
  now(): Date
}

export interface BackupCodeMethod extends Method {
  /** Ten fresh codes, grouped for reading. Keeps nothing. */
  generate(): string[]
  /** Makes these the only codes of the person; all earlier ones stop working. */
  store(db: Db, userId: string, codes: readonly string[]): Promise<void>
  remaining(db: Db, userId: string): Promise<number>
  remove(db: Db, userId: string): Promise<void>
}

const howMany = 10
const read = (answer: string) => readCode(cleanCode(answer))

/** Sign-in with a backup code. One answer for every failure: `incorrect_backup_code`. */
export function backupCodeMethod({ db, keys, now }: BackupCodeDeps): BackupCodeMethod {
  // No slow hash: that is for what people think up. Eighty random bits are beyond guessing even
  // for someone who has the rows and the key, and without the key there is nothing to guess at.
  const parts = (userId: string, code: string) => ['backup-code', userId, code] as const
  const amr = ['otp']

  return {
    id: 'backup-code',
    kind: 'possession',
    channel: null,
    amr,
    accepts: [],

    async verify({ userId }, answer) {
      const code = read(answer)
      const spent =
        userId !== null &&
        code !== null &&
        (await spendCode(db, userId, keys.macs(...parts(userId, code))))
      if (!spent) throw new Problem('incorrect_backup_code', { field: 'code' })
      const proof = { method: 'backup-code', kind: 'possession', channel: null, amr } as const
      return { ...proof, identifier: null, userId, at: now() }
    },

    generate: () => Array.from({ length: howMany }, randomCode),
    async store(db, userId, codes) {
      const macs = codes.map((code) => keys.mac(...parts(userId, read(code)!)))
      await saveCodes(db, userId, macs)
    },
    remaining: countCodes,
    remove: deleteCodes,
  }
}
