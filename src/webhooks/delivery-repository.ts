import { type Condition, type Db, newestOf, type Position, type Stretch } from '#src/db/index.ts'
import type { DeliveryState, Tried, WebhookDelivery, WebhookHealth } from './contract.ts'

export interface NewDelivery {
  webhookId: string
  eventId: string
  event: string
  body: string
}

/** A message that this process is to send now. */
export interface Due {
  id: string
  webhookId: string
  url: string
  body: string
  attempts: number
  secret: Buffer
  previousSecret: Buffer | null
}

export interface DeliveryFilter {
  webhookId: string | null
  state: DeliveryState | null
  event: string | null
}

const columns = `id, webhook_id as "webhookId", event_id as "eventId", event, state, attempts,
  case when state = 'pending' then next_at end as "nextAt", status, error, took_ms as "tookMs",
  attempted_at as "attemptedAt", created_at as "createdAt"`

/** After this, whoever has claimed one is believed to be gone. Longer than a try may take. */
const leaseSeconds = 60

/** Seconds to wait after the first try, the second, …; after the last it is dead. */
const waits = [5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 10 * 3600]

const deleteBatch = 1000

const listing = { name: 'webhookDeliveries.list', table: 'webhook_deliveries', columns }

/** There is an index for those of a webhook, and for those that are dead; only one of them leads. */
const conditionsOf = ({ webhookId, state, event }: DeliveryFilter) => {
  const lead: Condition[] = webhookId === null ? [] : [['webhook', 'webhook_id = ?', webhookId]]
  const others: Condition[] = event === null ? [] : [['event', 'event = ?', event]]
  if (state === 'dead' && webhookId === null) lead.push(['dead', `state = 'dead'`])
  else if (state !== null) others.push(['state', 'state = ?', state])
  return { lead, others }
}

/** What webhooks are still to be told, and what became of the rest for 30 days. */
export const deliveryRepository = (db: Db) => ({
  async add(deliveries: readonly NewDelivery[]): Promise<void> {
    if (deliveries.length === 0) return
    await db.query(
      'webhookDeliveries.add',
      `insert into webhook_deliveries (id, webhook_id, event_id, event, body)
       select 'msg_' || replace(gen_random_uuid()::text, '-', ''), each.*
         from unnest($1::text[], $2::bigint[], $3::text[], $4::text[]) as each
       on conflict (webhook_id, event_id) do nothing`,
      [
        deliveries.map(({ webhookId }) => webhookId),
        deliveries.map(({ eventId }) => eventId),
        deliveries.map(({ event }) => event),
        deliveries.map(({ body }) => body),
      ],
    )
  },

  /**
   * Claims what is due, for each webhook as much as there is room: one that is slow keeps nobody
   * else waiting.
   *
   * @param busy how many of each webhook are under way in this process
   */
  claim(busy: ReadonlyMap<string, number>, mostOfEach: number): Promise<Due[]> {
    return db.query<Due>(
      'webhookDeliveries.claim',
      `with due as (
         select d.id from webhooks w
           left join unnest($1::text[], $2::int[]) as busy (webhook_id, count)
             on busy.webhook_id = w.id
          cross join lateral (
            select id from webhook_deliveries
             where webhook_id = w.id and state = 'pending' and next_at <= now()
             order by next_at limit greatest($3 - coalesce(busy.count, 0), 0)
               for update skip locked) d
          where w.enabled
       )
       update webhook_deliveries d set attempts = d.attempts + 1, attempted_at = now(),
              next_at = now() + make_interval(secs => ${leaseSeconds})
         from webhooks w where d.id in (select id from due) and w.id = d.webhook_id
       returning d.id, d.webhook_id as "webhookId", w.url, d.body, d.attempts, w.secret,
                 case when w.previous_until > now() then w.previous_secret end as "previousSecret"`,
      [[...busy.keys()], [...busy.values()], mostOfEach],
    )
  },

  /** What became of a try, unless somebody else has taken over meanwhile. */
  async finish(
    { id, attempts, webhookId }: Pick<Due, 'id' | 'attempts' | 'webhookId'>,
    { status, error }: Tried,
    tookMs: number,
  ): Promise<void> {
    const done = status !== null && status >= 200 && status < 300
    const gone = status === 410
    const wait = waits[attempts - 1]
    const state = done ? 'delivered' : gone || wait === undefined ? 'dead' : 'pending'
    await db.query(
      'webhookDeliveries.finish',
      `with finished as (
         update webhook_deliveries set state = $3, status = $4, error = $5, took_ms = $6,
                next_at = now() + make_interval(secs => $7)
          where id = $1 and attempts = $2 and state = 'pending' returning id, webhook_id, event
       ), disabled as (
         update webhooks set enabled = false, disabled_reason = 'gone', version = version + 1,
                updated_at = now()
          where id = $9 and $8 and enabled and exists (select from finished) returning id
       )
       insert into audit_events (event, target, result, detail)
       select 'webhook.delivery_dead', webhook_id, coalesce($4::text, $5),
              json_build_object('delivery', id, 'event', event)
         from finished where $3 = 'dead'
       union all select 'webhook.disabled', id, 'gone', null from disabled`,
      [id, attempts, state, status, error, tookMs, wait ?? 0, gone, webhookId],
    )
  },

  /** The newest first. Of many that have to be looked at, it looks at some and says where to go on. */
  list(
    filter: DeliveryFilter,
    limit: number,
    after: Position | null,
  ): Promise<Stretch<WebhookDelivery>> {
    return newestOf(db, listing, conditionsOf(filter), after, limit)
  },

  async find(id: string): Promise<(WebhookDelivery & { body: string }) | null> {
    const [row] = await db.query<WebhookDelivery & { body: string }>(
      'webhookDeliveries.find',
      `select ${columns}, body from webhook_deliveries where id = $1`,
      [id],
    )
    return row ?? null
  },

  /** How webhooks fare: what waits, what was given up (both up to a thousand), and the last try. */
  async health(webhookIds: readonly string[]): Promise<Map<string, WebhookHealth>> {
    const rows = await db.query<WebhookHealth & { id: string }>(
      'webhookDeliveries.health',
      `select w.id, p.count as pending, d.count as dead, l.event as "lastEvent",
              l.state as "lastState", l.status as "lastStatus", l.error as "lastError",
              l.attempted_at as "lastAt"
         from unnest($1::text[]) as w (id)
        cross join lateral (select count(*)::int from (select from webhook_deliveries
          where webhook_id = w.id and state = 'pending' limit 1000) few) p
        cross join lateral (select count(*)::int from (select from webhook_deliveries
          where webhook_id = w.id and state = 'dead' limit 1000) few) d
         left join lateral (select * from webhook_deliveries
          where webhook_id = w.id and attempted_at is not null
          order by created_at desc, id desc limit 1) l on true`,
      [webhookIds],
    )
    return new Map(rows.map(({ id, ...health }) => [id, health]))
  },

  /** From the beginning, with the same id, so that receivers know it again. Null: none, or pending. */
  async replay(id: string): Promise<WebhookDelivery | null> {
    const [row] = await db.query<WebhookDelivery>(
      'webhookDeliveries.replay',
      `update webhook_deliveries set state = 'pending', attempts = 0, next_at = now()
        where id = $1 and state <> 'pending' returning ${columns}`,
      [id],
    )
    return row ?? null
  },

  async sweep(): Promise<void> {
    await db.query(
      'webhookDeliveries.sweep',
      `delete from webhook_deliveries where id in (
         select id from webhook_deliveries where created_at < now() - interval '30 days'
          order by created_at limit ${deleteBatch})`,
    )
  },
})
