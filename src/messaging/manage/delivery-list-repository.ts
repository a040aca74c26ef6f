import type { Channel, DeliveryFailure, Receipt, UsageType } from '#connectors/contract.ts'
import type { Db } from '#src/db/contract.ts'
import type { DeliveryState } from '../contract.ts'
import type { Attempt } from '../delivery-repository.ts'

export interface DeliveryFilter {
  channel: Channel | null
  state: DeliveryState | null
  connectorId: string | null
  country: string | null
  since: Date | null
  until: Date | null
  interactionUid: string | null
  /** Keyed hashes of one recipient, under every key. */
  recipients: readonly Buffer[] | null
  test: boolean | null
}

/** A delivery without code, link and recipient. */
export interface DeliveryView {
  id: string
  channel: Channel
  /** As in `+41•••67`. */
  recipient: string
  country: string | null
  usageType: UsageType
  state: DeliveryState
  /** Sent by an admin to see whether it works. */
  test: boolean
  connectorId: string | null
  /** The vendor's. */
  reference: string | null
  failure: DeliveryFailure | null
  vendorCode: string | null
  vendorWords: string | null
  tookMs: number | null
  interactionUid: string | null
  clientId: string | null
  createdAt: Date
  expiresAt: Date
  finishedAt: Date | null
  receipt: { state: Receipt['state']; code: string | null; at: Date } | null
}

export interface PastAttempt extends Attempt {
  at: Date
}

interface DeliveryRow {
  id: string
  channel: Channel
  recipient_masked: string
  country: string | null
  usage_type: UsageType
  state: DeliveryState
  test: boolean
  connector_id: string | null
  reference: string | null
  failure: DeliveryFailure | null
  vendor_code: string | null
  vendor_words: string | null
  took_ms: number | null
  interaction_uid: string | null
  client_id: string | null
  created_at: Date
  expires_at: Date
  finished_at: Date | null
  receipt_state: Receipt['state'] | null
  receipt_code: string | null
  receipt_at: Date | null
  position: string
}

const columns = `id, channel, recipient_masked, country, usage_type, state, test, connector_id, reference,
  failure, vendor_code, vendor_words, took_ms, interaction_uid, client_id, created_at, expires_at,
  finished_at, receipt_state, receipt_code, receipt_at,
  (extract(epoch from created_at) * 1000000)::bigint as position`

const view = (row: DeliveryRow): DeliveryView => ({
  id: row.id,
  channel: row.channel,
  recipient: row.recipient_masked,
  country: row.country,
  usageType: row.usage_type,
  state: row.state,
  test: row.test,
  connectorId: row.connector_id,
  reference: row.reference,
  failure: row.failure,
  vendorCode: row.vendor_code,
  vendorWords: row.vendor_words,
  tookMs: row.took_ms,
  interactionUid: row.interaction_uid,
  clientId: row.client_id,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  finishedAt: row.finished_at,
  receipt:
    row.receipt_state && row.receipt_at
      ? { state: row.receipt_state, code: row.receipt_code, at: row.receipt_at }
      : null,
})

/** Where a delivery stands in the list: microseconds since 1970, and its id. */
export type DeliveryKey = readonly [number, string]

/** Deliveries as those see them who look after them. */
export const deliveryListRepository = (db: Db) => ({
  /** Newest first. */
  async list(
    filter: DeliveryFilter,
    after: DeliveryKey | null,
    limit: number,
  ): Promise<{ delivery: DeliveryView; key: DeliveryKey }[]> {
    const rows = await db.query<DeliveryRow>(
      'deliveries.list',
      `select ${columns} from deliveries
        where ($1::text is null or channel = $1)
          and ($2::text is null or state = $2)
          and ($3::text is null or connector_id = $3)
          and ($4::text is null or country = $4)
          and ($5::timestamptz is null or created_at >= $5)
          and ($6::timestamptz is null or created_at < $6)
          and ($7::text is null or interaction_uid = $7)
          and ($8::bytea[] is null or recipient_hash = any($8))
          and ($9::boolean is null or test = $9)
          and ($10::float8 is null or (created_at, id) <
               (timestamptz 'epoch' + $10 * interval '1 microsecond', $11::text))
        order by created_at desc, id desc limit $12`,
      [
        filter.channel,
        filter.state,
        filter.connectorId,
        filter.country,
        filter.since,
        filter.until,
        filter.interactionUid,
        filter.recipients,
        filter.test,
        after?.[0] ?? null,
        after?.[1] ?? null,
        limit,
      ],
    )
    return rows.map((row) => ({ delivery: view(row), key: [Number(row.position), row.id] }))
  },

  async find(id: string): Promise<(DeliveryView & { attempts: PastAttempt[] }) | null> {
    const [row] = await db.query<DeliveryRow>(
      'deliveries.find',
      `select ${columns} from deliveries where id = $1`,
      [id],
    )
    if (!row) return null
    const attempts = await db.query<PastAttempt>(
      'deliveries.attempts',
      `select connector_id as "connectorId", failure, vendor_code as "vendorCode",
              vendor_words as "vendorWords", took_ms as "tookMs", at
         from delivery_attempts where delivery_id = $1 order by id`,
      [id],
    )
    return { ...view(row), attempts }
  },
})
