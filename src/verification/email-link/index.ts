import type { Method } from '../contract.ts'
import type { Messages } from '../message/index.ts'

/** A link sent by email. The same message carries a code, which its page takes as well. */
export const emailLink = (messages: Messages): Method => ({
  id: 'email-link',
  kind: null,
  channel: 'email',
  amr: ['email'],
  accepts: ['email'],
  start: (who, remember) => messages.start(who, remember, 'email', true),
  // The person may type the code of the message here as well.
  verify: (who, answer) => messages.verify(who, 'email', answer),
})
