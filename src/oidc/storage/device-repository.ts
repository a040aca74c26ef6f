import type { Db } from '#src/db/contract.ts'
import { type Keyring, sha256 } from '#src/lib/crypto.ts'
import type { Stored } from './memo.ts'
import { expired, type LastingRow, sealing, withState } from './sealed.ts'
import { spent } from './token-repository.ts'

/** Device codes (RFC 8628): by their hash, and by the keyed hash of what the person types. */
export const deviceCodeRepository = (db: Db, keys: Keyring) => {
  const { seal, open } = sealing(keys, 'oidc_device_codes')
  const rowOf = (id: string) => sha256(id).toString('hex')
  const restore = (row: (LastingRow & { id: Buffer }) | undefined): Stored | null =>
    row ? withState(open(row.id.toString('hex'), row.payload), row) : null

  return {
    /** False where somebody else has confirmed it meanwhile. */
    async upsert(id: string, payload: Stored, ttlSeconds: number): Promise<boolean> {
      const rows = await db.query(
        'oidc.device.upsert',
        `insert into oidc_device_codes (id, user_code, grant_id, account_id, payload, expires_at)
         values ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))
         on conflict (id) do update set grant_id = excluded.grant_id,
           account_id = excluded.account_id, payload = excluded.payload
         where oidc_device_codes.account_id is null
            or oidc_device_codes.account_id = excluded.account_id
         returning 1`,
        [
          sha256(id),
          keys.mac(String(payload.userCode)),
          payload.grantId ?? null,
          payload.accountId ?? null,
          seal(rowOf(id), payload),
          ttlSeconds,
        ],
      )
      return rows.length === 1
    },

    async find(id: string): Promise<Stored | null> {
      const [row] = await db.query<LastingRow & { id: Buffer }>(
        'oidc.device.find',
        `select id, payload, ${spent}, ${expired} from oidc_device_codes where id = $1`,
        [sha256(id)],
      )
      return restore(row)
    },

    async findByUserCode(userCode: string): Promise<Stored | null> {
      const [row] = await db.query<LastingRow & { id: Buffer }>(
        'oidc.device.findByUserCode',
        `select id, payload, ${spent}, ${expired} from oidc_device_codes where user_code = any($1)`,
        [keys.macs(userCode)],
      )
      return restore(row)
    },

    async consume(id: string): Promise<boolean> {
      const rows = await db.query(
        'oidc.device.consume',
        `update oidc_device_codes set consumed_at = now()
          where id = $1 and consumed_at is null and expires_at > now() returning 1`,
        [sha256(id)],
      )
      return rows.length === 1
    },

    async destroy(id: string): Promise<void> {
      await db.query('oidc.device.destroy', 'delete from oidc_device_codes where id = $1', [
        sha256(id),
      ])
    },

    async revokeByGrantId(grantId: string): Promise<void> {
      await db.query('oidc.device.revoke', 'delete from oidc_device_codes where grant_id = $1', [
        grantId,
      ])
    },
  }
}
