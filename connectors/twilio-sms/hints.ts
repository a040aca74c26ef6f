import type { DeliveryError } from '../contract.ts'

/** https://www.twilio.com/docs/api/errors, in the words of somebody who has to mend it. */
const byCode: Record<string, string> = {
  20003:
    'The account SID and the auth token do not belong together. Copy both again from the first page of the Twilio console; a test account or a subaccount has a token of its own.',
  20404: 'Twilio does not know this account SID. Copy it again from the first page of its console.',
  20429: 'Too many requests at once. Try again in a moment, or have Twilio raise the limit.',
  21211:
    'This is no number that Twilio can dial. Check the country code and that no digit is missing.',
  21212: 'The sender is no valid number. Enter it with its country code, such as +15550100.',
  21408:
    'The account may not send to this country. Turn it on in the Twilio console under Messaging, Settings, Geo permissions.',
  21606:
    'The sender is not a number of this account that can send text messages to this country. Choose one of yours.',
  21608:
    'A trial account sends to verified numbers only. Verify this number in the Twilio console, or upgrade the account.',
  21610:
    'The owner of this number has answered STOP. Nothing more is sent until they answer START.',
  21612: 'This sender can not reach this number. Use a sender that may send to its country.',
  21614: 'This number can not receive text messages, as most landlines can not.',
  21635: 'This is a landline, which can not receive text messages.',
  21703: 'The messaging service has no sender. Add a number to it in the Twilio console.',
  21704: 'The messaging service has no sender that can reach this country. Add one to it.',
  21705: 'The SID of the messaging service is not one of this account. Copy it again.',
  30003: 'The phone is off or out of reach. Try again later.',
  30004: 'The owner of this number, or their network, blocks such messages.',
  30005: 'This number is not in use.',
  30006: 'This number can not receive text messages, as most landlines can not.',
  30007:
    'A network took the message for spam. Use a registered sender (A2P 10DLC in the USA), and words that name your service.',
  30034: 'To the USA, this sender has to be registered first (A2P 10DLC).',
}

const byReason: Record<string, string> = {
  ENOTFOUND: 'The name of the endpoint is not known. Check the base URL, region and edge.',
  ECONNREFUSED: 'Nothing answers at the endpoint. Check the base URL and the firewall.',
}

/** What to do about a failure, where Twilio's code tells. */
export const hint = ({ failure, vendorCode }: DeliveryError): string | null => {
  const known = byCode[vendorCode ?? ''] ?? byReason[vendorCode ?? '']
  if (known) return known
  if (vendorCode === '401') return byCode[20003]!
  if (failure === 'unknown_outcome') {
    return 'No answer came in time, so the message may have been sent. Look into the logs of Twilio before you try again.'
  }
  return failure === 'unavailable'
    ? 'Twilio could not be reached in time. Check that this server may open connections to the internet.'
    : null
}
