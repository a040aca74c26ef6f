import type { Channel, DeliveryFailure, Receipt, UsageType } from '#connectors/contract.ts'
import { type Condition, type Db, newestOf, type Position } from '#src/db/index.ts'
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
}

const columns = `id, channel, recipient_masked, country, usage_type, state, test, connector_id, reference,
  failure, vendor_code, vendor_words, took_ms, interaction_uid, client_id, created_at, expires_at,
  finished_at, receipt_state, receipt_code, receipt_at`

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

/** An index leads to these; a recipient and a sign-in have few. Days are asked for beside them. */
const leadsOf = ({ recipients, interactionUid, since, until }: DeliveryFilter): Condition[] => {
  const lead: Condition[] = recipients
    ? [['recipient', 'recipient_hash = any(?::bytea[])', recipients]]
    : [['interaction', 'interaction_uid = ?', interactionUid]]
  return given([...lead, ['since', 'created_at >= ?', since], ['until', 'created_at < ?', until]])
}

/** What has to be looked at. */
const othersOf = (filter: DeliveryFilter): Condition[] =>
  given([
    ['channel', 'channel = ?', filter.channel],
    ['state', 'state = ?', filter.state],
    ['connector', 'connector_id = ?', filter.connectorId],
    ['country', 'country = ?', filter.country],
    ['test', 'test = ?', filter.test],
    ['within', 'interaction_uid = ?', filter.recipients && filter.interactionUid],
  ])

const given = (conditions: readonly Condition[]): Condition[] =>
  conditions.filter(([, , value]) => value !== null)

const listing = { name: 'deliveries.list', table: 'deliveries', columns }

/** Deliveries as those see them who look after them. */
export const deliveryListRepository = (db: Db) => ({
  /** The newest first. Of many that have to be looked at, it looks at some and says where to go on. */
  async list(
    filter: DeliveryFilter,
    after: Position | null,
    limit: number,
  ): Promise<{ deliveries: DeliveryView[]; next: Position | null }> {
    const conditions = { lead: leadsOf(filter), others: othersOf(filter) }
    const { rows, next } = await newestOf<DeliveryRow>(db, listing, conditions, after, limit)
    return { deliveries: rows.map(view), next }
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
