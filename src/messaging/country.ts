import {
  type CountryCode,
  getCountryCallingCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max'

/** Whether this is an ISO 3166 code of a country that has phone numbers. */
export const isCountry = (code: string): boolean => isSupportedCountry(code)

/** ISO 3166 code of a number; null where several countries share what it begins with. */
export const countryOf = (number: string): string | null =>
  parsePhoneNumberFromString(number)?.country ?? null

/**
 * Whether a number belongs to one of these countries. Some share a calling code, and not every
 * number tells them apart: such a one belongs to all that share it.
 *
 * @param countries ISO 3166 codes
 */
export const isIn = (countries: readonly string[], number: string): boolean => {
  const parsed = parsePhoneNumberFromString(number)
  if (!parsed) return false
  if (parsed.country) return countries.includes(parsed.country)
  return countries.some(
    (country) => getCountryCallingCode(country as CountryCode) === parsed.countryCallingCode,
  )
}
