import type { Keyring } from '#src/lib/crypto.ts'
import type { Stored } from './memo.ts'

export interface SealedRow {
  payload: Buffer
}

/** A row that the library is given even when its time is over, so that it can say so. */
export interface LastingRow extends SealedRow {
  consumed: boolean
  expired: boolean
}

export const expired = 'expires_at <= now() as expired'

/** The database's clock decides; the library reads it from these members. */
export const withState = (payload: Stored, { consumed, expired }: LastingRow): Stored => ({
  ...payload,
  ...(consumed ? { consumed: true } : {}),
  ...(expired ? { exp: 1 } : {}),
})

/** Seals what holds authorize parameters: an `id_token_hint` is a token. */
export const sealing = (keys: Keyring, table: string) => ({
  seal: (row: string, payload: Stored) => keys.seal(JSON.stringify(payload), `${table}/${row}`),
  open: (row: string, sealed: Buffer): Stored => JSON.parse(keys.open(sealed, `${table}/${row}`)),
})
