import type { DeliveryError } from '../contract.ts'

const authentication =
  'The server refused the user or the password. Many providers want an app password or an API key here instead of your own.'
const policy =
  'The server refuses this sender or message by its policy. Check that the sender is allowed for this user, and that its domain has SPF, DKIM and DMARC.'
const noTls =
  'The server offers no encryption on this port. Use 587 with STARTTLS or 465 with TLS from the start; turn requireTLS off only for a server on this machine.'
const wrongTls =
  'Encryption could not be agreed on. Port 465 wants TLS from the start (secure: true), port 587 wants it off.'
const badCertificate =
  'The certificate of the server is not trusted, or is for another name. Check the host; for an authority of your own, enter its certificate as tls.ca.'
const noName = 'The name of the server is not known. Check the host for typing errors.'
const refused = 'Nothing answers on this port. Check host, port and firewall.'
const silent =
  'The server did not answer in time. Check host and port; many networks block port 25 and want 587 or 465.'

const byCode: Record<string, string> = {
  '421': 'The server closed the connection for now. Try again in a few minutes.',
  '450': 'The mailbox is busy, or the server wants it tried again later (greylisting).',
  '451': 'The server has a problem of its own, or wants it tried again later (greylisting).',
  '452': 'The server has no room, or too much was sent at once. Try again later.',
  '454': authentication,
  '530': 'The server wants a user and a password. Enter both under auth.',
  '534': authentication,
  '535': authentication,
  '550': 'The server refused the recipient or the sender. Check both addresses.',
  '552': 'The mailbox of the recipient is full.',
  '553': 'The server does not take the address of the sender. Check fromEmail.',
  '554': policy,
  EAUTH: authentication,
  ENOAUTH: authentication,
  ETLS: noTls,
  EDNS: noName,
  ENOTFOUND: noName,
  EAI_AGAIN: noName,
  ECONNREFUSED: refused,
  EHOSTUNREACH: refused,
  ENETUNREACH: refused,
  ETIMEDOUT: silent,
  ECONNECTION: silent,
}

const certificate = /CERT|SELF_SIGNED|ALTNAME|ISSUER|UNABLE_TO_VERIFY/
const byWords: readonly [RegExp, string][] = [
  // RFC 3463: X.7.Y is about security and policy; 5.7.8 and 5.7.9 (RFC 4954) are about passwords.
  [/\b[45]\.7\.(?:8|9|0)\b.*(?:auth|password|credential)/i, authentication],
  [/\b5\.7\.\d+/, policy],
  [/\b5\.1\.[136]\b/, 'There is no such mailbox. Check the address of the recipient.'],
  [/STARTTLS/i, noTls],
  [/wrong version number|packet length too long|SSL routines/i, wrongTls],
  [/certificate/i, badCertificate],
  [/greeting never received|timed? ?out/i, silent],
]

/** What to do about a failure, where code or words tell. */
export const hint = ({ vendorCode, message, failure }: DeliveryError): string | null => {
  const code = vendorCode ?? ''
  if (code === '535' || code === '534') return authentication
  if (certificate.test(code)) return badCertificate
  const inWords = byWords.find(([pattern]) => pattern.test(message))?.[1]
  if (inWords) return inWords
  if (byCode[code]) return byCode[code]
  return failure === 'unknown_outcome'
    ? 'The connection broke after the whole message had been sent, so it may have arrived.'
    : null
}
