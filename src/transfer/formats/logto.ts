import { readJson } from './json.ts'
import { dataOf, isTrue, localeAt, nameOf, objectAt, textAt, timeAt } from './values.ts'

/**
 * Logto: people as its management API lists them (an array, or one a line), with the hash of the
 * password where somebody has added it from the database, under the names that it has there or in
 * the API that makes people.
 */
export const readLogto = readJson({
  within: null,
  subject: ({ id, username, primaryEmail }) =>
    textAt(id) ?? textAt(username) ?? textAt(primaryEmail),
  person(user) {
    const profile = objectAt(user.profile)
    const [email, phone, username] = [user.primaryEmail, user.primaryPhone, user.username].map(
      textAt,
    )
    return {
      id: textAt(user.id),
      name: nameOf(user.name, profile.givenName, profile.familyName),
      locale: localeAt(profile.locale),
      blocked: isTrue(user.isSuspended),
      createdAt: timeAt(user.createdAt),
      identifiers: [
        // There they are set only once they were proven.
        ...(email ? [{ type: 'email' as const, value: email, verified: true }] : []),
        ...(phone ? [{ type: 'phone' as const, value: withPlus(phone), verified: true }] : []),
        ...(username ? [{ type: 'username' as const, value: username, verified: true }] : []),
      ],
      passwordHash: textAt(user.passwordEncrypted) ?? textAt(user.passwordDigest),
      roles: [],
      customData: dataOf({ ...objectAt(user.customData) }),
    }
  },
})

/** Numbers are kept as digits there, with the country's first. */
const withPlus = (phone: string): string => (/^\d+$/.test(phone) ? `+${phone}` : phone)
