import type { IdentifierType } from '#src/users/contract.ts'
import type { Person, ReadFile } from '../contract.ts'
import { readTable } from '../csv.ts'
import { refuse } from '../text.ts'
import { isObject, type Json, parseJson, timeAt } from './values.ts'

/**
 * The columns of our own CSV, in any order; all may be left out. Several email addresses or phone
 * numbers have spaces between them, and so have their flags and the roles. `custom_data` is JSON.
 */
export const csvColumns = [
  'id',
  'email',
  'email_verified',
  'phone',
  'phone_verified',
  'username',
  'name',
  'locale',
  'blocked',
  'created_at',
  'roles',
  'custom_data',
  'password_hash',
] as const
export type CsvColumn = (typeof csvColumns)[number]

export const readOwnCsv: ReadFile = async function* (file) {
  for await (const row of readTable(file, csvColumns)) {
    const { line } = row
    if ('fault' in row) {
      yield { line, subject: null, fault: row.fault }
      continue
    }
    const cell = (name: CsvColumn) => row.cells.get(name) ?? ''
    const subject = cell('id') || cell('email') || cell('phone') || cell('username') || null
    try {
      yield { line, subject, person: personOf(cell) }
    } catch (error) {
      yield { line, subject, fault: (error as { detail?: string }).detail ?? 'can not be read' }
    }
  }
}

const personOf = (cell: (name: CsvColumn) => string): Person => ({
  id: cell('id') || null,
  name: cell('name') || null,
  locale: cell('locale') || null,
  blocked: flag('blocked', cell('blocked')),
  createdAt: timeOf(cell('created_at')),
  identifiers: [
    ...identifiersOf('email', cell('email'), cell('email_verified')),
    ...identifiersOf('phone', cell('phone'), cell('phone_verified')),
    ...identifiersOf('username', cell('username'), 'true'),
  ],
  passwordHash: cell('password_hash') || null,
  roles: words(cell('roles')),
  customData: dataOf(cell('custom_data')),
})

const words = (text: string): string[] => text.split(/\s+/).filter(Boolean)

/** Numbers may be written with spaces; where there are several, each begins with its `+`. */
const parts = (type: IdentifierType, text: string): string[] =>
  type === 'phone' ? text.split(/\s+(?=\+)/).filter(Boolean) : words(text)

const identifiersOf = (type: IdentifierType, values: string, flags: string) => {
  const verified = words(flags).map((each) => flag(`${type}_verified`, each))
  return parts(type, values).map((value, at) => ({
    type,
    value,
    verified: (verified.length === 1 ? verified[0] : verified[at]) ?? false,
  }))
}

const flag = (name: string, text: string): boolean => {
  const lower = text.toLowerCase()
  if (['true', '1', 'yes'].includes(lower)) return true
  if (['false', '0', 'no', ''].includes(lower)) return false
  return refuse(`${name} has to be true or false`)
}

const timeOf = (text: string): Date | null =>
  text === ''
    ? null
    : (timeAt(text) ?? refuse('created_at is no time (such as 2026-11-21T10:00:00Z)'))

const dataOf = (text: string): Json => {
  if (text === '') return {}
  const data = parseJson(text)
  return isObject(data) ? data : refuse('custom_data has to be a JSON object')
}
