import type { Db } from '#src/db/contract.ts'
import { type Keyring, randomId } from '#src/lib/crypto.ts'
import { dispatch } from '#src/lib/dispatch.ts'
import type { Outbound } from '#src/lib/outbound.ts'
import { Problem } from '#src/lib/problem.ts'
import type { Tried, Webhook } from './contract.ts'
import { type Due, deliveryRepository } from './delivery-repository.ts'
import { type GivenWebhook, webhookRepository } from './repository.ts'
import { openSecrets, sealSecret, unreadableWebhooks } from './secrets.ts'
import { newSecret, signedHeaders } from './signature.ts'

export interface WebhookDeps {
  db: Db
  keys: Keyring
  outbound: Outbound
  log: { warn(values: object, words: string): void }
}

export type Webhooks = ReturnType<typeof webhooks>

/** Tells servers of others what happened, by Standard Webhooks. */
export const webhooks = ({ db, keys, outbound, log }: WebhookDeps) => {
  /** What nothing signs is not sent. */
  const post = async (
    { url, secrets }: { url: string; secrets: readonly string[] },
    message: { id: string; body: string },
  ): Promise<Tried> => {
    if (secrets.length === 0) return { status: null, error: 'secret_unreadable' }
    const headers = signedHeaders(secrets, { ...message, at: new Date() })
    return outbound.post(url, headers, message.body)
  }

  const deliver = async (due: Due): Promise<void> => {
    const { webhookId, url, secret, previousSecret } = due
    const started = performance.now()
    const sealed = previousSecret ? [secret, previousSecret] : [secret]
    const answered = await post({ url, secrets: openSecrets(keys, webhookId, sealed) }, due)
    const tookMs = Math.round(performance.now() - started)
    await deliveryRepository(db).finish(due, answered, tookMs)
  }

  const { send, close } = dispatch<Due>({
    claim: deliveryRepository(db).claim,
    receiverOf: ({ webhookId }) => webhookId,
    deliver,
    onError: (error, due) =>
      log.warn({ delivery: due?.id, reason: error.message }, 'Webhook failed'),
  })

  const checked = (url: string): string => {
    const message = outbound.fault(url)
    if (message) throw new Problem('invalid_input', { errors: [{ path: 'url', message }] })
    return url
  }

  const found = async (tx: Db, id: string): Promise<Webhook> => {
    const webhook = await webhookRepository(tx).find(id)
    if (!webhook) throw new Problem('not_found')
    return webhook
  }

  /** @throws Problem `not_found`, or `managed_by_file` for what is changed there alone */
  const changeable = async (tx: Db, id: string): Promise<void> => {
    const { managedByFile } = await found(tx, id)
    if (managedByFile) throw new Problem('managed_by_file')
  }

  /** Whether it is gone or was changed meanwhile. */
  const missing = async (tx: Db, id: string): Promise<never> => {
    await found(tx, id)
    throw new Problem('version_changed')
  }

  return {
    /** @throws Problem `not_found` */
    find: found,

    /**
     * @param own id and secret that it has already; without them, it is given some
     * @returns with its secret, which nobody is shown again
     * @throws Problem `invalid_input`, `already_exists`
     */
    async create(
      tx: Db,
      given: GivenWebhook,
      own: { id?: string | undefined; secret?: string | undefined } = {},
    ): Promise<Webhook & { secret: string }> {
      checked(given.url)
      const { id = randomId(), secret = newSecret() } = own
      const sealed = sealSecret(keys, id, secret)
      const made = await webhookRepository(tx).create({ id, ...given }, sealed)
      if (!made) throw new Problem('already_exists', { field: 'id' })
      return { ...made, secret }
    },

    /** Ids of those that nothing can be sent to until they get another secret, so many at most. */
    unreadable: (tx: Db, most: number): Promise<string[]> => unreadableWebhooks(tx, keys, most),

    /** Whether it signs with this secret, maybe beside another. */
    async hasSecret(tx: Db, id: string, secret: string): Promise<boolean> {
      return openSecrets(keys, id, await webhookRepository(tx).secrets(id)).includes(secret)
    },

    /** @throws Problem `not_found`, `managed_by_file`, `version_changed`, `invalid_input` */
    async change(
      tx: Db,
      id: string,
      patch: Parameters<ReturnType<typeof webhookRepository>['change']>[1],
      version: number | null,
    ): Promise<Webhook> {
      if (patch.url !== undefined) checked(patch.url)
      await changeable(tx, id)
      return (await webhookRepository(tx).change(id, patch, version)) ?? missing(tx, id)
    },

    /** Until the overlap is over, the secret before signs as well. @throws Problem as `change` */
    async rotateSecret(
      tx: Db,
      id: string,
      overlapSeconds: number,
      version: number | null,
      secret = newSecret(),
    ): Promise<Webhook & { secret: string }> {
      await changeable(tx, id)
      const sealed = sealSecret(keys, id, secret)
      const webhook =
        (await webhookRepository(tx).replaceSecret(id, sealed, overlapSeconds, version)) ??
        (await missing(tx, id))
      return { ...webhook, secret }
    },

    /** What waits for it goes with it. @throws Problem `not_found`, `managed_by_file`, `version_changed` */
    async delete(tx: Db, id: string, version: number | null): Promise<void> {
      await changeable(tx, id)
      if (!(await webhookRepository(tx).delete(id, version))) await missing(tx, id)
    },

    /**
     * Sends `webhook.test` now, and says what came of it.
     *
     * @throws Problem `not_found` or `secret_unreadable`
     */
    async test(id: string): Promise<Tried & { tookMs: number }> {
      const { url } = await found(db, id)
      const secrets = openSecrets(keys, id, await webhookRepository(db).secrets(id))
      if (secrets.length === 0) throw new Problem('secret_unreadable')
      const data = { webhookId: id }
      const timestamp = new Date().toISOString()
      const body = JSON.stringify({ type: 'webhook.test', timestamp, data })
      const started = performance.now()
      const answered = await post({ url, secrets }, { id: `msg_${crypto.randomUUID()}`, body })
      return { ...answered, tookMs: Math.round(performance.now() - started) }
    },

    /** Begins to send what is due, and waits for nobody. */
    send,

    sweep: () => deliveryRepository(db).sweep(),

    /** Resolves once nothing is under way any more. */
    close,
  }
}
