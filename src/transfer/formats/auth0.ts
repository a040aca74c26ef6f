import { refuse } from '../text.ts'
import { readJson } from './json.ts'
import {
  dataOf,
  isEmail,
  isTrue,
  type Json,
  localeAt,
  nameOf,
  objectAt,
  textAt,
  textsAt,
  timeAt,
} from './values.ts'

/**
 * Auth0: what an export job gives (NDJSON), what its support gives with password hashes (NDJSON), and
 * the file of a bulk import (an array).
 *
 * @see https://auth0.com/docs/manage-users/user-migration/bulk-user-import-database-schema-and-examples
 */
export const readAuth0 = readJson({
  within: null,
  subject: (user) => idOf(user) ?? textAt(user.email) ?? textAt(user.username),
  person(user) {
    const email = textAt(user.email) ?? textAt(user.Email)
    const phone = textAt(user.phone_number)
    const username = textAt(user.username)
    const app = objectAt(user.app_metadata)
    const given = user.given_name ?? user['Given Name']
    const family = user.family_name ?? user['Family Name']
    const name = nameOf(user.name ?? user.Name, given, family)
    return {
      id: idOf(user),
      // Without a name it is the address there.
      name: isEmail(name) ? nameOf(null, given, family) : name,
      locale: localeAt(user.locale),
      blocked: isTrue(user.blocked),
      createdAt: timeAt(user.created_at ?? user['Created At']),
      identifiers: [
        ...(email
          ? [
              {
                type: 'email' as const,
                value: email,
                verified: isTrue(user.email_verified ?? user['Email Verified']),
              },
            ]
          : []),
        ...(phone
          ? [
              {
                type: 'phone' as const,
                value: phone,
                verified: isTrue(user.phone_verified ?? user.phone_number_verified),
              },
            ]
          : []),
        ...(username && username !== email
          ? [{ type: 'username' as const, value: username, verified: true }]
          : []),
      ],
      passwordHash: textAt(user.passwordHash) ?? textAt(user.password_hash) ?? customHash(user),
      roles: textsAt(app.roles),
      customData: dataOf({ user_metadata: user.user_metadata, app_metadata: user.app_metadata }),
    }
  },
})

/** The `sub` that applications know: `auth0|…` for people of a database there. */
const idOf = (user: Json): string | null => {
  const id = textAt(user.user_id) ?? textAt(user.Id) ?? textAt(objectAt(user._id).$oid)
  return id === null || id.includes('|') ? id : `auth0|${id}`
}

const customHash = (user: Json): string | null => {
  if (user.custom_password_hash === undefined || user.custom_password_hash === null) return null
  const { algorithm, hash, salt, ...cost } = objectAt(user.custom_password_hash)
  const value = textAt(objectAt(hash).value)
  if (!value) return refuse('custom_password_hash has no value')
  if (algorithm === 'bcrypt' || algorithm === 'argon2' || algorithm === 'pbkdf2') return value
  if (algorithm !== 'scrypt')
    return refuse(`custom_password_hash is of a kind that is not known here`)
  const { cost: n = 16_384, blockSize = 8, parallelization = 1 } = cost
  const logN = Math.log2(Number(n))
  const bytes = [salt, hash].map((part) => base64Of(objectAt(part)))
  return `$scrypt$ln=${logN},r=${blockSize},p=${parallelization}$${bytes.join('$')}`
}

/** Auth0 names hex for hashes and UTF-8 for salts where nothing else is said. */
const base64Of = ({ value, encoding }: Json): string => {
  const from =
    encoding === 'base64' || encoding === 'utf8' || encoding === 'hex' ? encoding : 'utf8'
  return Buffer.from(textAt(value) ?? '', from).toString('base64')
}
