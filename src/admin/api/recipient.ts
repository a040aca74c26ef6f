import type { Channel } from '#connectors/contract.ts'
import { readIdentifier } from '#src/users/index.ts'

const types = { sms: 'phone', email: 'email' } as const

/**
 * Reads who gets a message, as people write it.
 *
 * @throws Problem `invalid_email`, `invalid_phone` or another of `readIdentifier`
 */
export const readRecipient = (
  text: string,
  channels: readonly Channel[],
  field: string,
): { channel: Channel; to: string } => {
  const { type, value } = readIdentifier(text, {
    types: channels.map((channel) => types[channel]),
    field,
  })
  return { channel: type === 'phone' ? 'sms' : 'email', to: value }
}
