import { z } from 'zod'
import { randomId } from '#src/lib/crypto.ts'
import { Problem } from '#src/lib/problem.ts'
import type { Identifier } from '#src/users/contract.ts'
import {
  customData,
  type ImportedUser,
  personLocale,
  personName,
  readIdentifier,
  roleNames,
} from '#src/users/index.ts'
import type { PasswordMethod } from '#src/verification/index.ts'
import type { Person } from './contract.ts'

/** Somebody who could be added: everything is valid, and in the form in which it is kept. */
export interface Prepared extends ImportedUser {
  /** The file says who it is; otherwise the identifiers do. */
  named: boolean
  hash: string | null
}

const mostIdentifiers = 20

const checked = z.object({
  id: z
    .string()
    .regex(/^[\x21-\x7e]{1,128}$/, 'has to be 1 to 128 visible ASCII characters')
    .nullable(),
  name: personName.nullable(),
  locale: personLocale.nullable(),
  roles: roleNames,
  customData,
})

/** Checks what a file says of somebody; a text is the reason to refuse them. */
export const prepare = (
  person: Person,
  passwords: Pick<PasswordMethod, 'adopt'>,
): Prepared | string => {
  const parsed = checked.safeParse(person)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return `${issue!.path.join('.')} ${issue!.message}`
  }
  const identifiers = readAll(person.identifiers)
  if (typeof identifiers === 'string') return identifiers
  const adopted = person.passwordHash === null ? null : passwords.adopt(person.passwordHash)
  if (adopted && 'fault' in adopted) return `the password ${adopted.fault}`
  return {
    ...parsed.data,
    id: parsed.data.id ?? randomId(),
    named: parsed.data.id !== null,
    blocked: person.blocked,
    createdAt: person.createdAt,
    identifiers,
    hash: adopted?.hash ?? null,
  }
}

type Given = Identifier & { verified: boolean }

const readAll = (given: Person['identifiers']): Given[] | string => {
  if (given.length === 0) return 'there is no email address, phone number or username'
  if (given.length > mostIdentifiers) return `there are more than ${mostIdentifiers} identifiers`
  const found = new Map<string, Given>()
  for (const { type, value, verified } of given) {
    try {
      const identifier = readIdentifier(value, { types: [type] })
      const key = keyOf(identifier)
      found.set(key, { ...identifier, verified: verified || (found.get(key)?.verified ?? false) })
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      return `${type} "${value.slice(0, 64)}": ${error.message}`
    }
  }
  return [...found.values()]
}

export const keyOf = ({ type, value }: Pick<Identifier, 'type' | 'value'>): string =>
  `${type}:${value}`
