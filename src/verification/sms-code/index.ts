import type { Method } from '../contract.ts'
import type { Messages } from '../message/index.ts'

/** A code sent by text message. */
export const smsCode = (messages: Messages): Method => ({
  id: 'sms-code',
  kind: 'possession',
  channel: 'sms',
  amr: ['otp', 'sms'],
  accepts: ['phone'],
  start: (who, remember) => messages.start(who, remember, 'sms', false),
  verify: (who, answer) => messages.verify(who, 'sms', answer),
})
