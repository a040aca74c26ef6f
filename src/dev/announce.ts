import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import type { InboxMessage } from './contract.ts'

type Announced = Pick<InboxMessage, 'channel' | 'to' | 'code' | 'link'>

// Control and direction characters would let a message rewrite the terminal around it.
const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '')

/** A phone number in groups, as people read it; an address as it is. */
export const readable = (channel: InboxMessage['channel'], to: string): string =>
  (channel === 'sms' && parsePhoneNumberFromString(to)?.formatInternational()) || to

/** `Text message to +1 201 555 0123: 482913`, with the link where there is one. */
export const announcement = ({ channel, to, code, link }: Announced): string => {
  const what = channel === 'sms' ? 'Text message' : 'Email'
  const secrets = [code, link].filter((secret) => secret !== null).join('  ')
  return printable(`${what} to ${readable(channel, to)}: ${secrets || 'no code, see the inbox'}`)
}

/**
 * Prints a line for each message, so that a first sign-in needs nothing but the terminal.
 * Evaluation mode only: it prints secrets.
 */
export const announce =
  (write: (line: string) => void) =>
  (message: Announced): void =>
    write(`${announcement(message)}\n`)
