import type { Db } from '#src/db/contract.ts'
import type { Webhook } from './contract.ts'

const columns = `id, url, description, events, enabled, disabled_reason as "disabledReason",
  case when previous_until > now() then previous_until end as "previousSecretUntil",
  managed_by_file as "managedByFile", version, created_at as "createdAt", updated_at as "updatedAt"`

/** As an admin gives it. */
export interface GivenWebhook {
  url: string
  description: string | null
  events: readonly string[]
  enabled: boolean
}

export interface NamedWebhook extends GivenWebhook {
  id: string
}

export interface WebhookPosition {
  at: Date
  id: string
}

export interface SealedSecrets {
  id: string
  secret: Buffer
  /** Also when it does not sign any more. */
  previous: Buffer | null
}

/** Who is told of events. */
export const webhookRepository = (db: Db) => ({
  listening: (): Promise<Pick<Webhook, 'id' | 'events' | 'createdAt'>[]> =>
    db.query(
      'webhooks.listening',
      'select id, events, created_at as "createdAt" from webhooks where enabled',
    ),

  /** The oldest first. */
  list: (
    limit: number,
    after: readonly [string, string] | null,
  ): Promise<(Webhook & { micros: string })[]> =>
    db.query(
      'webhooks.list',
      `select ${columns}, (extract(epoch from created_at) * 1000000)::bigint as micros from webhooks
        where $2::bigint is null
           or (created_at, id) > ('epoch'::timestamptz + $2 * interval '1 microsecond', $3)
        order by created_at, id limit $1`,
      [limit, after?.[0] ?? null, after?.[1] ?? null],
    ),

  async find(id: string): Promise<Webhook | null> {
    const [row] = await db.query<Webhook>(
      'webhooks.find',
      `select ${columns} from webhooks where id = $1`,
      [id],
    )
    return row ?? null
  },

  /** @returns its secrets that are in force, sealed, the newest first */
  async secrets(id: string): Promise<Buffer[]> {
    const [row] = await db.query<{ secret: Buffer; previous: Buffer | null }>(
      'webhooks.secrets',
      `select secret, case when previous_until > now() then previous_secret end as previous
         from webhooks where id = $1`,
      [id],
    )
    return row ? [row.secret, ...(row.previous ? [row.previous] : [])] : []
  },

  /** The secrets of all, sealed. */
  sealed: (): Promise<SealedSecrets[]> =>
    db.query(
      'webhooks.sealed',
      'select id, secret, previous_secret as previous from webhooks order by id',
    ),

  /** Only what has not changed meanwhile; for whoever changes a webhook it is still the same. */
  async reseal({ id, secret, previous }: SealedSecrets, renewed: SealedSecrets): Promise<void> {
    await db.query(
      'webhooks.reseal',
      `update webhooks set secret = $4, previous_secret = $5
        where id = $1 and secret = $2 and previous_secret is not distinct from $3`,
      [id, secret, previous, renewed.secret, renewed.previous],
    )
  },

  /** Null where there is one of that id. */
  async create(given: NamedWebhook, sealed: Buffer): Promise<Webhook | null> {
    const [row] = await db.query<Webhook>(
      'webhooks.create',
      `insert into webhooks (id, url, description, events, enabled, secret)
       values ($1, $2, $3, $4, $5, $6) on conflict (id) do nothing returning ${columns}`,
      [given.id, given.url, given.description, given.events, given.enabled, sealed],
    )
    return row ?? null
  },

  /** As the configuration file has it; one that is there keeps its secret for now. */
  async declare(given: NamedWebhook, sealed: Buffer): Promise<void> {
    await db.query(
      'webhooks.declare',
      `insert into webhooks as w (id, url, description, events, enabled, secret, managed_by_file)
       values ($1, $2, $3, $4, $5, $6, true)
       on conflict (id) do update set url = excluded.url, description = excluded.description,
         events = excluded.events, enabled = excluded.enabled, managed_by_file = true,
         disabled_reason = null, version = w.version + 1, updated_at = now()
       where (w.url, w.description, w.events, w.enabled, w.managed_by_file) is distinct from
             (excluded.url, excluded.description, excluded.events, excluded.enabled, true)`,
      [given.id, given.url, given.description, given.events, given.enabled, sealed],
    )
  },

  /** What the file holds no longer belongs to admins. */
  async release(held: readonly string[]): Promise<void> {
    await db.query(
      'webhooks.release',
      `update webhooks set managed_by_file = false, version = version + 1, updated_at = now()
        where managed_by_file and id <> all($1::text[])`,
      [held],
    )
  },

  /** What is left out stays. Null where there is no such version. */
  async change(
    id: string,
    patch: { [Key in keyof GivenWebhook]?: GivenWebhook[Key] | undefined },
    version: number | null,
  ): Promise<Webhook | null> {
    const [row] = await db.query<Webhook>(
      'webhooks.change',
      `update webhooks set url = coalesce($3, url), events = coalesce($4, events),
              description = case when $5 then $6 else description end,
              enabled = coalesce($7, enabled),
              disabled_reason = case when $7 then null else disabled_reason end,
              version = version + 1, updated_at = now()
        where id = $1 and ($2::int is null or version = $2) returning ${columns}`,
      [
        id,
        version,
        patch.url ?? null,
        patch.events ?? null,
        patch.description !== undefined,
        patch.description ?? null,
        patch.enabled ?? null,
      ],
    )
    return row ?? null
  },

  /** The one before goes on signing for as long as said. */
  async replaceSecret(
    id: string,
    sealed: Buffer,
    overlapSeconds: number,
    version: number | null,
  ): Promise<Webhook | null> {
    const [row] = await db.query<Webhook>(
      'webhooks.replaceSecret',
      `update webhooks set previous_secret = case when $4 > 0 then secret end,
              previous_until = case when $4 > 0 then now() + make_interval(secs => $4) end,
              secret = $3, version = version + 1, updated_at = now()
        where id = $1 and ($2::int is null or version = $2) returning ${columns}`,
      [id, version, sealed, overlapSeconds],
    )
    return row ?? null
  },

  async delete(id: string, version: number | null): Promise<boolean> {
    const rows = await db.query(
      'webhooks.delete',
      'delete from webhooks where id = $1 and ($2::int is null or version = $2) returning 1',
      [id, version],
    )
    return rows.length > 0
  },
})
