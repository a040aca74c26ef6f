import type { Channel, DeliveryFailure, Receipt, UsageType } from '#connectors/contract.ts'
import type { Db } from '#src/db/contract.ts'
import type { Keyring } from '#src/lib/crypto.ts'
import type { DeliveryState, NewDelivery, Variables } from './contract.ts'
import { countryOf } from './country.ts'
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

/** An instance that was asked, and why the next one was asked after it. */
export interface Attempt {
  connectorId: string
  failure: DeliveryFailure
  vendorCode: string | null
  vendorWords: string | null
  tookMs: number
}

/** How it ended. Words are the vendor's, already without the recipient. */
export interface Outcome {
  state: Extract<DeliveryState, 'accepted' | 'failed' | 'unknown'>
  connectorId: string | null
  reference: string | null
  failure: DeliveryFailure | null
  vendorCode: string | null
  vendorWords: string | null
  /** What the last instance that was asked took to answer. */
  tookMs: number | null
  /** Those who were asked before the last one. */
  earlier: readonly Attempt[]
}

export interface NewTest {
  id: string
  channel: Channel
  to: string
  usageType: UsageType
  connectorId: string | null
  typed: { connector: string; config: unknown } | null
}

/** Which instance was called, about which delivery where the call says so. */
export interface ReceiptFrom {
  id: string
  delivery: string | null
  /** By the settings of a test, which say nothing about any other delivery. */
  test: boolean
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

/** Tells the audit log of the rows that have `changed`, in the statement that does it. Tests aside. */
const noted = (event: string, result: string, code: string, which = 'true'): string => `noted as (
    insert into audit_events (event, target, interaction_uid, client_id, channel, country, connector,
      result, detail)
    select 'message.' || ${event}, id, interaction_uid, client_id, channel, country, connector_id,
           ${result}, case when ${code} is not null then json_build_object('vendorCode', ${code}) end
      from changed where not test and ${which})`
const notedState = noted('state', 'failure', 'vendor_code')
const notedReceipt = noted(
  "case receipt_state when 'delivered' then 'delivered' else 'undelivered' end",
  "nullif(receipt_state, 'delivered')",
  'receipt_code',
  "receipt_state <> 'sent'",
)

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
        `with changed as (
           insert into deliveries (id, channel, recipient_hash, recipient_masked, body, usage_type,
             interaction_uid, client_id, expires_at, country)
           values ($1, $2, $3, $4, $5, $6, $7, $8, now() + make_interval(secs => $9), $10)
           returning *
         ), ${notedState} select 1`,
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
          channel === 'sms' ? countryOf(to) : null,
        ],
      )
    },

    /**
     * A message that is being sent to see whether settings work.
     *
     * @param typed the settings, kept until the vendor has called back or an hour has passed
     */
    async insertTest(test: NewTest): Promise<void> {
      const { id, channel, to, usageType, connectorId, typed } = test
      await db.query(
        'deliveries.insert_test',
        `insert into deliveries (id, channel, recipient_hash, recipient_masked, body, usage_type,
           connector_id, country, test, state, attempts, claimed_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, true, 'sending', 1, now(),
           now() + interval '10 minutes')`,
        [
          id,
          channel,
          keys.mac('recipient', channel, to),
          mask(channel, to),
          typed && keys.seal(JSON.stringify(typed), context(id)),
          usageType,
          connectorId,
          channel === 'sms' ? countryOf(to) : null,
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
      for (const one of outcome.earlier) await this.addAttempt(id, one)
      await db.query(
        'deliveries.finish',
        `with changed as (
           update deliveries set state = $2, connector_id = $3, reference = $4, failure = $5,
             vendor_code = $6, vendor_words = $7, took_ms = $8, finished_at = now(),
             body = case when test and $2 = 'accepted' then body end
            where id = $1 and state in ('sending', 'unknown') returning *
         ), ${notedState} select 1`,
        [
          id,
          outcome.state,
          outcome.connectorId,
          outcome.reference,
          outcome.failure,
          outcome.vendorCode,
          outcome.vendorWords,
          outcome.tookMs,
        ],
      )
    },

    async addAttempt(id: string, attempt: Attempt): Promise<void> {
      const { connectorId, failure, vendorCode, vendorWords, tookMs } = attempt
      await db.query(
        'deliveries.attempt',
        `insert into delivery_attempts
           (delivery_id, connector_id, failure, vendor_code, vendor_words, took_ms)
         values ($1, $2, $3, $4, $5, $6)`,
        [id, connectorId, failure, vendorCode, vendorWords, tookMs],
      )
    },

    /** A process that claimed one and has said nothing for 60 s is gone; it may have sent it. */
    async giveUpOnSilent(): Promise<number> {
      const rows = await db.query(
        'deliveries.give_up',
        `with changed as (
           update deliveries set state = 'unknown', failure = 'unknown_outcome', body = null,
             finished_at = now()
            where state = 'sending' and claimed_at < now() - interval '60 seconds' returning *
         ), ${notedState} select 1 from changed`,
      )
      return rows.length
    },

    async dropLate(): Promise<number> {
      const rows = await db.query(
        'deliveries.drop',
        `with changed as (
           update deliveries set state = 'dropped', body = null, finished_at = now()
            where state = 'queued' and expires_at <= now() returning *
         ), ${notedState} select 1 from changed`,
      )
      return rows.length
    },

    async deleteOld(): Promise<void> {
      await db.query(
        'deliveries.forget_typed',
        `update deliveries set body = null
          where test and body is not null and finished_at < now() - interval '1 hour'`,
      )
      await db.query(
        'deliveries.delete_old',
        `delete from deliveries where id in (
           select id from deliveries where finished_at < now() - interval '30 days'
            limit ${deleteBatch})`,
      )
    },

    /** The settings that a test was sent with, while they are kept. */
    async typedOf(id: string): Promise<{ connector: string; config: unknown } | null> {
      const [row] = await db.query<{ body: Buffer }>(
        'deliveries.typed',
        'select body from deliveries where id = $1 and test and body is not null',
        [id],
      )
      return row ? JSON.parse(keys.open(row.body, context(id))) : null
    },

    /** What is final stays: vendors do not keep to an order. */
    async receive(receipt: Receipt, from: ReceiptFrom): Promise<void> {
      const { id, delivery, test } = from
      const { reference, state, code } = receipt
      await db.query(
        'deliveries.receive',
        `with changed as (
           update deliveries set receipt_state = $1, receipt_code = $2, receipt_at = now(),
             body = case when $1 = 'sent' then body end
            where ((id = $3 and coalesce(reference, $4) = $4)
                 or ($3::text is null and reference = $4))
            and (connector_id = $5 or (connector_id is null and $3::text is not null))
            and test = $6 and (receipt_state is null or receipt_state = 'sent') returning *
         ), ${notedReceipt} select 1`,
        [state, code, delivery, reference, id, test],
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
