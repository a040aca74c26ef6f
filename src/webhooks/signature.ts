import { createHmac, randomBytes } from 'node:crypto'

const prefix = 'whsec_'

/** 256 bits, written as Standard Webhooks has it. */
export const newSecret = (): string => `${prefix}${randomBytes(32).toString('base64')}`

const sign = (secret: string, content: string): string => {
  const key = Buffer.from(secret.slice(prefix.length), 'base64')
  return `v1,${createHmac('sha256', key).update(content).digest('base64')}`
}

/**
 * Headers by which a receiver knows who sends a message, and when. Receivers refuse what is older
 * than five minutes.
 *
 * @param secrets each of them signs, so that a receiver may have either while one is replaced
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export const signedHeaders = (
  secrets: readonly string[],
  { id, body, at }: { id: string; body: string; at: Date },
): Record<string, string> => {
  const timestamp = String(Math.floor(at.getTime() / 1000))
  const content = `${id}.${timestamp}.${body}`
  return {
    'content-type': 'application/json',
    'user-agent': 'Avouch',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': secrets.map((secret) => sign(secret, content)).join(' '),
  }
}
