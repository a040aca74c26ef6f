import type { Channel, DeliveryFailure, UsageType } from '#connectors/contract.ts'
import type { Db } from '#src/db/contract.ts'
import type { Keyring } from '#src/lib/crypto.ts'
import type { DeliveryState, NewDelivery, Variables } from './contract.ts'
import { mask } from './mask.ts'

/** A delivery that this process has claimed, with its body opened. */
export interface Claimed {
  id: string
  channel: Channel
  usageType: UsageType
  to: string
  locale: string
  variables: Variables
}

/** How it ended. Words are the vendor's, already without the recipient. */
export interface Outcome {
  state: Extract<DeliveryState, 'accepted' | 'failed' | 'unknown'>
  connectorId: string | null
  reference: string | null
  failure: DeliveryFailure | null
  vendorCode: string | null
  vendorWords: string | null
}

interface ClaimedRow {
  id: string
  channel: Channel
  usage_type: UsageType
  body: Buffer
}

type Body = Pick<Claimed, 'to' | 'locale' | 'variables'>

const context = (id: string) => `deliveries:${id}`
const batch = 20
const deleteBatch = 500

const claimed = 'id, channel, usage_type, body'

/** What is to be sent and what became of it. A body is erased as soon as it is final. */
export const deliveryRepository = (db: Db, keys: Keyring) => {
  const opened = (row: ClaimedRow): Claimed => ({
    id: row.id,
    channel: row.channel,
    usageType: row.usage_type,
    ...(JSON.parse(keys.open(row.body, context(row.id))) as Body),
  })

  return {
    async insert(delivery: NewDelivery): Promise<void> {
      const { id, channel, to, locale, variables } = delivery
      const body: Body = { to, locale, variables }
      await db.query(
        'deliveries.insert',
        `insert into deliveries (id, channel, recipient_hash, recipient_masked, body, usage_type,
           interaction_uid, client_id, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, now() + make_interval(secs => $9))`,
        [
          id,
          channel,
          keys.mac('recipient', channel, to),
          mask(channel, to),
          keys.seal(JSON.stringify(body), context(id)),
          delivery.usageType,
          delivery.interactionUid,
          delivery.clientId,
          delivery.ttlSeconds,
        ],
      )
    },

    /** Of those who ask at the same moment one gets it, and only while it is not too late. */
    async claim(id: string): Promise<Claimed | null> {
      const [row] = await db.query<ClaimedRow>(
        'deliveries.claim',
        `update deliveries set state = 'sending', claimed_at = now(), attempts = attempts + 1
          where id = $1 and state = 'queued' and expires_at > now() returning ${claimed}`,
        [id],
      )
      return row ? opened(row) : null
    },

    /** What has been waiting for 5 s, so that whoever queued it is not going to send it. */
    async claimWaiting(): Promise<Claimed[]> {
      const rows = await db.query<ClaimedRow>(
        'deliveries.claim_waiting',
        `update deliveries set state = 'sending', claimed_at = now(), attempts = attempts + 1
          where id in (
            select id from deliveries
             where state = 'queued' and created_at < now() - interval '5 seconds'
               and expires_at > now()
             order by created_at limit ${batch} for update skip locked)
         returning ${claimed}`,
      )
      return rows.map(opened)
    },

    /** Late is better than never: it may have been marked as unknown in the meantime. */
    async finish(id: string, outcome: Outcome): Promise<void> {
      await db.query(
        'deliveries.finish',
        `update deliveries set state = $2, connector_id = $3, reference = $4, failure = $5,
           vendor_code = $6, vendor_words = $7, body = null, finished_at = now()
          where id = $1 and state in ('sending', 'unknown')`,
        [
          id,
          outcome.state,
          outcome.connectorId,
          outcome.reference,
          outcome.failure,
          outcome.vendorCode,
          outcome.vendorWords,
        ],
      )
    },

    /** A process that claimed one and has said nothing for 60 s is gone; it may have sent it. */
    async giveUpOnSilent(): Promise<number> {
      const rows = await db.query(
        'deliveries.give_up',
        `update deliveries set state = 'unknown', failure = 'unknown_outcome', body = null,
           finished_at = now()
          where state = 'sending' and claimed_at < now() - interval '60 seconds' returning 1`,
      )
      return rows.length
    },

    async dropLate(): Promise<number> {
      const rows = await db.query(
        'deliveries.drop',
        `update deliveries set state = 'dropped', body = null, finished_at = now()
          where state = 'queued' and expires_at <= now() returning 1`,
      )
      return rows.length
    },

    async deleteOld(): Promise<void> {
      await db.query(
        'deliveries.delete_old',
        `delete from deliveries where id in (
           select id from deliveries where finished_at < now() - interval '30 days'
            limit ${deleteBatch})`,
      )
    },

    async state(id: string): Promise<DeliveryState | null> {
      const [row] = await db.query<{ state: DeliveryState }>(
        'deliveries.state',
        'select state from deliveries where id = $1',
        [id],
      )
      return row?.state ?? null
    },
  }
}

export type DeliveryRepository = ReturnType<typeof deliveryRepository>
