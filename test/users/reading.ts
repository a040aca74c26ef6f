/** Shared by the tests of identifiers: short ways to read one, and arbitrary ones. */
import fc from 'fast-check'
import { Problem } from '#src/lib/problem.ts'
import type { Identifier, IdentifierType } from '#src/users/contract.ts'
import { readIdentifier } from '#src/users/identifier.ts'

export const every: readonly IdentifierType[] = ['email', 'phone', 'username']

export const read = (text: string, types = every, region: string | null = null): Identifier =>
  readIdentifier(text, { types, region })

/** The canonical value, or the code of the problem. */
export const outcome = (text: string, types = every, region: string | null = null): string => {
  try {
    return read(text, types, region).value
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return error.code
  }
}
export const email = (text: string) => outcome(text, ['email'])
export const phone = (text: string, region: string | null = null) =>
  outcome(text, ['phone'], region)
export const username = (text: string) => outcome(text, ['username'])

export const character = (allowed: string) => fc.constantFrom(...allowed)
export const lower = 'abcdefghijklmnopqrstuvwxyz'
export const alphanumeric = `${lower}${lower.toUpperCase()}0123456789`
export const text = (allowed: string, minLength: number, maxLength: number) =>
  fc.string({ unit: character(allowed), minLength, maxLength })
export const localPart = fc
  .array(text(`${alphanumeric}!#$%&'*+/=?^_{|}~-`, 1, 12), { minLength: 1, maxLength: 4 })
  .map((atoms) => atoms.join('.'))
export const domain = fc
  .tuple(text(`${lower}0123456789`, 1, 10), fc.constantFrom('com', 'example', 'co.uk', 'CH'))
  .map((labels) => labels.join('.'))
export const addresses = fc.tuple(localPart, domain).map(([local, host]) => `${local}@${host}`)
export const numbers = fc.constantFrom(
  '+41791234567',
  '+4915112345678',
  '+12015550123',
  '+447400123456',
  '+33612345678',
  '+393471234567',
  '+5491123456789',
)
