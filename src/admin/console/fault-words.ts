import type { Translate } from '#src/lib/page.ts'

/**
 * What is said of a value that can not be: the schemas say it in English, for programs and files.
 * Its words in every language of the console are `admin-faults.<key>`.
 */
export const faultPatterns: Readonly<Record<string, RegExp>> = {
  missing: /^is missing$/,
  type: /^has to be (?:text|a list|a section with names and values)(?:; put it in quotes)?$/,
  number: /^has to be a number$/,
  whole: /^has to be a whole number$/,
  'true-or-false': /^has to be true or false$/,
  characters: /^has to have at least (?<least>\d+) characters$/,
  'most-characters': /^has to have at most (?<most>\d+) characters$/,
  entries: /^has to have at least (?<least>\d+) entries$/,
  'most-entries': /^has to have at most (?<most>\d+) entries$/,
  least: /^has to be at least (?<least>\d+)$/,
  most: /^has to be at most (?<most>\d+)$/,
  'most-of-other': /^may not be more than (?<most>\d+), which limits it$/,
  twice: /^may name nothing twice$/,
  colour: /^has to be a colour like #1f5f8b$/,
  pale: /^is too pale to be seen on white: (?<given>[\d.]+) to 1, where \d to 1 is the least; choose a darker one$/,
  invisible: /^(?:may hold no control (?:or invisible )?characters|has characters that are none)$/,
  'language-tag': /^has to be a language tag, such as .+$/,
  'no-language': /^is no language of these pages(?:: .+)?$/,
  'not-offered': /^has to be one of the languages that are offered$/,
  domain: /^has to be a domain like example\.com$/,
  origin: /^has to be an origin such as https:\/\/shop\.example$/,
  'trusted-days': /^has to be a number of days, or -1 to trust no browser$/,
  'no-domains': /^is empty, though registration is open to the domains that it lists$/,
  'no-way-in': /^has nothing for those who give their (?<type>\w+): add (?<ways>.+)$/,
  'test-identifier': /^has to be like \+12015550123, or an email address in lower case$/,
  'test-code': /^has to be 6 to 10 digits$/,
  'test-length': /^has to have (?<length>\d+) digits, as codes do$/,
  'unknown-text': /^is no text of these pages$/,
  brace: /^has a brace that is not closed, or not in quotes$/,
  'fills-in': /^fills in what is not there: (?<names>.+)$/,
  'no-web': /^has to be https, or http on localhost, 127\.0\.0\.1 or \[::1\]$/,
  'no-uri': /^is no absolute URI, such as .+$/,
  'uri-characters': /^may hold neither spaces nor letters outside ASCII$/,
  'uri-credentials': /^may hold neither user name nor password$/,
  'uri-fragment': /^may have no fragment \(#\)$/,
  'account-sid': /^An account SID begins with AC\.$/,
  'service-sid': /^A messaging service SID begins with MG\.$/,
  'one-sender': /^Exactly one of fromMessagingServiceSID and fromNumber is needed\.$/,
  sender:
    /^A sender is a number such as \+15550100, a short code or up to 11 letters and digits\.$/,
  endpoint: /^An https URL; http only for this machine\.$/,
  'one-endpoint': /^region and edge have no effect beside baseUrl\.$/,
  'twilio-host': /^A host of Twilio, such as api\.twilio\.com\.$/,
  'host-twice': /^host says the same as region, edge or baseUrl: give one of them\.$/,
  login: /^Only login is known here: a user and a password\.$/,
  mailbox: /^An address, or Name <address>, is expected\.$/,
  'no-tls': /^ignoreTLS needs requireTLS: false\.$/,
  'password-needs-tls': /^A password is only sent over TLS: leave requireTLS on\.$/,
  'connector-id': /^An id is lower-case letters, digits, - and _\.$/,
  'connector-new': /^An id can not be "new"\.$/,
  country: /^A country is two capital letters \(ISO 3166\)\.$/,
  'api-address': /^has to be an absolute URI without a fragment \(RFC 8707, section 2\)$/,
  'no-scope': /^is no scope: no spaces, quotes or backslashes$/,
  'row-twice': /^is there twice$/,
  'no-setting': /^There is no such setting\.$/,
  'no-placeholder':
    /^The template for (?<usage>\w+) has neither (?<code>\{\{code\}\}) nor (?<link>\{\{link\}\})\.$/,
  'no-change':
    /^The template for (?<usage>\w+) lacks (?<change>\{\{change\}\}), which says what has changed\.$/,
  'strange-placeholder':
    /^The template for (?<usage>\w+) mentions (?<name>\{\{.+\}\}); there is only (?<known>.+)\.$/,
  'no-template': /^The template for (?<usage>\w+) is missing\.$/,
  'template-twice': /^The template for (?<usage>\w+) is given twice\.$/,
  'template-locale':
    /^The template for (?<usage>\w+) has a locale that is not a language tag \(BCP 47\)\.$/,
  'two-lines': /^The template for (?<usage>\w+) has a subject of more than one line\.$/,
  'sms-html': /^The template for (?<usage>\w+) is for a text message, which is plain\.$/,
}

/** The same in the language of the page; what nobody has found words for stays as it is. */
export const faultWords = (t: Translate, message: string): string => {
  for (const [key, pattern] of Object.entries(faultPatterns)) {
    const found = pattern.exec(message)
    if (!found) continue
    const values = Object.entries(found.groups ?? {}).map(([name, text]) => [name, text ?? ''])
    return t(`admin-faults.${key}`, Object.fromEntries(values))
  }
  return message
}
