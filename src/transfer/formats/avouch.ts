import type { IdentifierType } from '#src/users/contract.ts'
import { readJson } from './json.ts'
import { isTrue, objectAt, textAt, textsAt, timeAt } from './values.ts'

const types: readonly unknown[] = ['email', 'phone', 'username']

/** NDJSON as it is exported here. */
export const readAvouch = readJson({
  within: null,
  subject: ({ id }) => textAt(id),
  person: (user) => ({
    id: textAt(user.id),
    name: textAt(user.name),
    locale: textAt(user.locale),
    blocked: isTrue(user.blocked),
    createdAt: timeAt(user.createdAt),
    identifiers: (Array.isArray(user.identifiers) ? user.identifiers : [])
      .map(objectAt)
      .filter(({ type }) => types.includes(type))
      .map(({ type, value, verified }) => ({
        type: type as IdentifierType,
        value: textAt(value) ?? '',
        verified: isTrue(verified),
      })),
    passwordHash: textAt(user.passwordHash),
    roles: textsAt(user.roles),
    customData: objectAt(user.customData),
  }),
})
