import { DeliveryError, type Receipt, type ReceiptRequest } from '../contract.ts'

/** https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks */
const states: Record<string, Receipt['state']> = {
  sent: 'sent',
  delivered: 'delivered',
  read: 'delivered',
  undelivered: 'undelivered',
  failed: 'failed',
  canceled: 'failed',
}

/** Reads a status callback, once its signature has shown that it comes from this account. */
export const readReceipt = async (
  { url, header, body }: ReceiptRequest,
  authToken: string,
): Promise<Receipt | null> => {
  const form = Object.fromEntries(new URLSearchParams(body))
  // Of the vendor's package this is the part that is small.
  const { validateRequest } = await import('twilio/lib/webhooks/webhooks.js')
  if (!validateRequest(authToken, header('x-twilio-signature'), url, form)) {
    throw new DeliveryError('rejected', 'The signature is not of this account')
  }
  const { MessageSid: reference, MessageStatus: status = '', ErrorCode: code } = form
  const state = Object.hasOwn(states, status) ? states[status] : undefined
  if (!reference || !state) return null
  return { reference, state, code: code && /^\d{1,6}$/.test(code) && code !== '0' ? code : null }
}
