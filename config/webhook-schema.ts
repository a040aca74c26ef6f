/** What may be said of a server of others that is told of events. */
import { z } from 'zod'
import { freeText } from './text.ts'

export const webhookId = z
  .string()
  .regex(/^[\w-]{1,64}$/, 'has to be 1 to 64 letters, digits, - or _')

export const webhookUrl = freeText.max(2048).describe('https, on the public internet.')

export const webhookDescription = freeText.trim().max(200).nullable()

export const webhookEvents = z
  .array(
    z
      .string()
      .max(128)
      .regex(
        /^([a-z][a-z_]*(\.[a-z_]+)*(\.\*)?|\*)$/,
        'has to be like user.created, sign_in.* or *',
      ),
  )
  .min(1)
  .max(100)
  .describe('`user.created`, `sign_in.*` for all that begin so, `*` for everything.')

/** Standard Webhooks: 24 to 64 bytes in base64, with a prefix. */
const secretBytes = (secret: string): number =>
  Buffer.from(secret.replace(/^whsec_/, ''), 'base64').length

export const webhookSecret = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/]+={0,2}$/, 'has to be whsec_ and base64')
  .refine((secret) => secretBytes(secret) >= 24 && secretBytes(secret) <= 64, {
    error: 'has to be of 24 to 64 bytes; `openssl rand -base64 32` makes what goes behind whsec_',
  })

/** One webhook as an operator describes it. */
export const webhookSchema = z.strictObject({
  id: webhookId,
  url: webhookUrl,
  events: webhookEvents,
  description: webhookDescription.default(null),
  enabled: z.boolean().default(true),
  secret: webhookSecret,
})

export type DeclaredWebhook = z.output<typeof webhookSchema>
export type WebhookInput = z.input<typeof webhookSchema>
