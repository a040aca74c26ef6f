/**
 * What people are known by: read from what they type, compared, shown, masked and counted. Pure.
 */
import { domainToASCII, domainToUnicode } from 'node:url'
import {
  type CountryCode,
  getCountries,
  getCountryCallingCode,
  isSupportedCountry,
  type NumberType,
  type PhoneNumber,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max'
import { Problem, type ProblemCode } from '#src/lib/problem.ts'
import type { Identifier, IdentifierType } from './contract.ts'

export interface ReadOptions {
  /** What is accepted here. */
  types: readonly IdentifierType[]
  /** ISO 3166 code for numbers without a country code; anything else counts as none. */
  region?: string | null | undefined
  /** Name of the form field, for the problem. */
  field?: string
}

/**
 * Recognises and canonicalises what a person typed. Whatever is not plainly one email address,
 * phone number or username is refused rather than guessed at.
 *
 * @throws Problem `identifier_required`, `identifier_not_accepted`, `invalid_email`,
 *   `invalid_phone`, `phone_needs_country` or `invalid_username`
 */
export function readIdentifier(text: string, options: ReadOptions): Identifier {
  const { types, region, field = 'identifier' } = options
  // What is longer than this is nothing anyway, and trimming it would take its time.
  const trimmed = text.length > longestText ? text : text.replace(edges, '')
  if (trimmed === '') throw new Problem('identifier_required', { field })
  const type = recognise(trimmed, types)
  if (!types.includes(type)) throw new Problem('identifier_not_accepted', { field })
  const read = type === 'phone' ? readPhone(trimmed, region) : readers[type](trimmed)
  if (typeof read === 'string') throw new Problem(read, { field })
  return read
}

const longestText = 512
const edges = /^[ \t\u00a0]+|[ \t\u00a0]+$/g

/** Only the kind that it is meant as; whether it is one is for the readers to say. */
const recognise = (text: string, types: readonly IdentifierType[]): IdentifierType => {
  if (text.includes('@')) return 'email'
  const numeric = /^(?:tel:|[+(\p{Nd}])/iu.test(text)
  if (numeric && (types.includes('phone') || !types.includes('username'))) return 'phone'
  if (types.includes('username')) return 'username'
  return types.includes('email') ? 'email' : 'phone'
}

// -- Email ---------------------------------------------------------------------------------------

/** RFC 5321, section 4.5.3.1: what an SMTP server has to accept. */
const longestLocalPart = 64
const longestEmail = 254
/** RFC 5322 dot-atom: no quotes, comments, groups or lists, in ASCII. */
const localPart = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i
/** Before UTS-46, since `domainToASCII` cuts, decodes and drops whatever else there is. */
const domainCharacters = /^[\p{L}\p{M}\p{N}.-]+$/u
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const topLabel = /^(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})$/

const readEmail = (text: string): Identifier | ProblemCode => {
  if (text.length > longestEmail) return 'invalid_email'
  const at = text.lastIndexOf('@')
  const local = text.slice(0, at)
  if (at < 1 || local.length > longestLocalPart || !localPart.test(local)) return 'invalid_email'
  const typed = text.slice(at + 1)
  const domain = readDomain(typed)
  if (!domain || local.length + 1 + domain.length > longestEmail) return 'invalid_email'
  return {
    type: 'email',
    // Mail servers may tell dots, tags and even case apart; nobody hands out two that differ in case.
    value: `${local.toLowerCase()}@${domain}`,
    // An international domain is shown as what it is: look-alikes and invisible characters end here.
    display: `${local}@${typed.toLowerCase() === domain ? typed : domain}`,
  }
}

/** The domain in ASCII by UTS-46, or null. A mail domain has two labels at least and no address. */
const readDomain = (typed: string): string | null => {
  if (!domainCharacters.test(typed)) return null
  const domain = domainToASCII(typed)
  const labels = domain.split('.')
  if (labels.length < 2 || !labels.every((one) => label.test(one))) return null
  if (!topLabel.test(labels.at(-1)!)) return null
  const decodes = labels.every((one) => !one.startsWith('xn--') || domainToUnicode(one) !== one)
  return decodes ? domain : null
}

// -- Phone ---------------------------------------------------------------------------------------

/** What people put between digits. Anything else that is no digit is refused, not dropped. */
const separators = /[ \u00a0().-]/g
/** E.164 has 15 digits at most; a prefix and a national one may come before them. */
const digits = /^\+?[0-9]{1,20}$/
const longestPhone = 40
/** Other kinds cost whoever calls, or can not be reached by text. */
const textable: readonly (NumberType | undefined)[] = ['MOBILE', 'FIXED_LINE_OR_MOBILE']

const readPhone = (text: string, region?: string | null): Identifier | ProblemCode => {
  const cleaned = text.length > longestPhone ? '' : text.replace(separators, '')
  if (!digits.test(cleaned)) return 'invalid_phone'
  const number = cleaned.replace(/^00/, '+')
  const country = region && isSupportedCountry(region) ? region : undefined
  if (!number.startsWith('+') && !country) return 'phone_needs_country'
  const parsed = parsePhoneNumberFromString(number, country)
  return parsed && takesTexts(parsed)
    ? { type: 'phone', value: parsed.number, display: parsed.formatInternational() }
    : 'invalid_phone'
}

/** Satellite and other networks without a country (+870, +881, +882, +883, +979) have none. */
const takesTexts = (number: PhoneNumber): boolean =>
  number.isValid() && number.country !== undefined && textable.includes(number.getType())

// -- Username ------------------------------------------------------------------------------------

/** Tested before it is lower-cased, since there are letters outside ASCII that become ASCII. */
const username = /^[A-Za-z][A-Za-z0-9_.-]{2,31}$/

const readUsername = (text: string): Identifier | ProblemCode =>
  username.test(text)
    ? { type: 'username', value: text.toLowerCase(), display: text }
    : 'invalid_username'

const readers = { email: readEmail, username: readUsername }

// -- Shown and counted ---------------------------------------------------------------------------

/**
 * Enough for its owner to recognise it, for pages and logs: `+41 ••• ••67`, `a•••@example.com`,
 * `a•••`.
 */
export function maskIdentifier({ type, value }: Identifier): string {
  if (type === 'username') return `${value[0]}•••`
  if (type === 'email') return `${value[0]}•••${value.slice(value.lastIndexOf('@'))}`
  const calling = parsePhoneNumberFromString(value)?.countryCallingCode
  return `${calling ? `+${calling} ` : ''}••• ••${value.slice(-2)}`
}

const google = new Set(['gmail.com', 'googlemail.com'])

/**
 * What attempts and messages are counted by: addresses that end in one mailbox share a count. Never
 * tells people apart, and is never a place to send to.
 */
export function limitKey({ type, value }: Identifier): string {
  if (type !== 'email') return `${type}:${value}`
  const [local = '', domain = ''] = value.split('@')
  const untagged = local.replace(/(?<=.)\+.*$/, '')
  return google.has(domain)
    ? `email:${untagged.replaceAll('.', '')}@gmail.com`
    : `email:${untagged}@${domain}`
}

// -- Countries -----------------------------------------------------------------------------------

export interface RegionOption {
  /** ISO 3166 */
  code: string
  /** In the language asked for. */
  name: string
  /** Such as `+41`. */
  calling: string
}

const options = new Map<string, readonly RegionOption[]>()

/** Every country with phone numbers, by name. `lang` is a BCP 47 tag that we have words in. */
export function regionOptions(lang: string): readonly RegionOption[] {
  const known = options.get(lang)
  if (known) return known
  const names = new Intl.DisplayNames(lang, { type: 'region' })
  const { compare } = new Intl.Collator(lang)
  const made = getCountries()
    .map((code) => ({
      code,
      name: names.of(code) ?? code,
      calling: `+${getCountryCallingCode(code)}`,
    }))
    .sort((a, b) => compare(a.name, b.name))
  options.set(lang, made)
  return made
}

const fallbackRegion: CountryCode = 'US'
const longestWish = 500

/**
 * The country that somebody's numbers are likely from, by the languages that they ask for: the first
 * that names one (`de-CH`), else the likeliest of the first (`de`).
 *
 * @param languages an `Accept-Language` header, `ui_locales`, or both with a space between; may be
 *   anything
 */
export function defaultRegion(languages: string): string {
  const locales = languages
    .slice(0, longestWish)
    .split(/[\s,]+/)
    .map((part) => localeOf(part.replace(/;.*$/, '')))
    .filter((locale) => locale !== null)
  const named = locales.map(({ region }) => region)
  const likely = locales.map((locale) => locale.maximize().region)
  return [...named, ...likely].find((code) => code && isSupportedCountry(code)) ?? fallbackRegion
}

const localeOf = (tag: string): Intl.Locale | null => {
  try {
    return new Intl.Locale(tag)
  } catch {
    return null
  }
}
