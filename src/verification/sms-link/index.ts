import type { Method } from '../contract.ts'
import type { Messages } from '../message/index.ts'

/** A link sent by text message. The same message carries a code, which its page takes as well. */
export const smsLink = (messages: Messages): Method => ({
  id: 'sms-link',
  kind: 'possession',
  channel: 'sms',
  amr: ['sms'],
  accepts: ['phone'],
  start: (who, remember) => messages.start(who, remember, 'sms', true),
  // The person may type the code of the message here as well.
  verify: (who, answer) => messages.verify(who, 'sms', answer),
})
