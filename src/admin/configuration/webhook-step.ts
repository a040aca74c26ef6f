import type { DeclaredWebhook } from '#config/webhook-schema.ts'
import type { Db } from '#src/db/contract.ts'
import type { Webhooks } from '#src/webhooks/index.ts'
import type { Change, Step, WebhookState } from './contract.ts'
import { changesOf } from './values.ts'

/** A webhook of the file; null: no variable gives its secret. */
export interface WantedWebhook {
  index: number
  declared: Omit<DeclaredWebhook, 'secret'>
  secret: string | null
}

interface Made {
  id: string
  secret: string
}

/** What makes a webhook what the file says; null where it is. */
export const webhookStep = async (
  db: Db,
  webhooks: Pick<Webhooks, 'hasSecret'>,
  { index, declared, secret }: WantedWebhook,
  current: WebhookState | undefined,
): Promise<Step | null> => {
  const { id, ...wanted } = declared
  const path = `webhooks.${id}`
  const entry = `webhooks[${index}]`
  const place = (within: string) => `${entry}.${within}`

  if (!current) {
    const body = { id, ...wanted, ...(secret === null ? {} : { secret }) }
    return {
      changes: [{ path, kind: 'added', after: wanted }],
      entry,
      place,
      async perform(run) {
        const made = await run<Made>('webhooks.create', { body })
        return secret === null ? [{ webhook_id: id, secret: made.secret }] : []
      },
    }
  }

  const { url, events, description, enabled } = current
  const own = changesOf(path, { url, events, description, enabled }, wanted, true)
  const another = secret !== null && !(await webhooks.hasSecret(db, id, secret))
  const change: Change = { path: `${path}.secret`, kind: 'changed' }
  if (own.length === 0 && !another) return null
  return {
    changes: [...own, ...(another ? [change] : [])],
    entry,
    place,
    async perform(run) {
      const params = { webhook_id: id }
      if (own.length > 0) await run('webhooks.update', { params, body: wanted })
      if (another) await run('webhooks.rotateSecret', { params, body: { secret } })
      return []
    },
  }
}
