import type { Method } from '../contract.ts'
import type { Messages } from '../message/index.ts'

/** A code sent by email. Email proves no kind of factor. */
export const emailCode = (messages: Messages, withLink: () => boolean): Method => ({
  id: 'email-code',
  kind: null,
  channel: 'email',
  amr: ['otp', 'email'],
  accepts: ['email'],
  start: (who, remember) => messages.start(who, remember, 'email', withLink()),
  verify: (who, answer) => messages.verify(who, 'email', answer),
})
