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
  parseJson,
  textAt,
  textsAt,
  timeAt,
} from './values.ts'

/** Roles that everybody has. */
const everybodys = /^(?:default-roles-.*|offline_access|uma_authorization)$/
/** Attributes that are something else here. */
const known = ['locale', 'phoneNumber', 'phone_number', 'phoneNumberVerified']

/**
 * Keycloak: the users of a realm export, with their credentials.
 *
 * @see https://www.keycloak.org/server/importExport
 */
export const readKeycloak = readJson({
  within: 'users',
  subject: ({ id, username }) => textAt(id) ?? textAt(username),
  person(user) {
    const attributes = objectAt(user.attributes)
    const attribute = (name: string) => textsAt(attributes[name])[0] ?? null
    const username = textAt(user.username)
    const email = textAt(user.email) ?? (isEmail(username) ? username : null)
    const phone = attribute('phoneNumber') ?? attribute('phone_number')
    const rest = Object.entries(attributes).filter(([name]) => !known.includes(name))
    return {
      id: textAt(user.id),
      name: nameOf(null, user.firstName, user.lastName),
      locale: localeAt(attribute('locale')),
      blocked: user.enabled === false,
      createdAt: timeAt(user.createdTimestamp),
      identifiers: [
        ...(email
          ? [{ type: 'email' as const, value: email, verified: isTrue(user.emailVerified) }]
          : []),
        ...(phone
          ? [
              {
                type: 'phone' as const,
                value: phone,
                verified: isTrue(attribute('phoneNumberVerified')),
              },
            ]
          : []),
        ...(username && !isEmail(username)
          ? [{ type: 'username' as const, value: username, verified: true }]
          : []),
      ],
      passwordHash: passwordOf(user),
      roles: textsAt(user.realmRoles).filter((role) => !everybodys.test(role)),
      customData: dataOf({
        attributes: Object.fromEntries(rest),
        groups: textsAt(user.groups).length > 0 ? textsAt(user.groups) : undefined,
      }),
    }
  },
})

const passwordOf = (user: Json): string | null => {
  const credentials = Array.isArray(user.credentials) ? user.credentials.map(objectAt) : []
  const password = credentials.find(({ type }) => type === 'password')
  if (!password) return null
  const secret = objectAt(parseJson(textAt(password.secretData) ?? ''))
  const made = objectAt(parseJson(textAt(password.credentialData) ?? ''))
  // Before version 8 they were members of the credential itself.
  const salt = textAt(secret.salt) ?? textAt(password.salt)
  const value = textAt(secret.value) ?? textAt(password.hashedSaltedValue)
  const algorithm = textAt(made.algorithm) ?? textAt(password.algorithm)
  const iterations = made.hashIterations ?? password.hashIterations
  if (!salt || !value || !algorithm) return refuse('the password has no salt, hash or algorithm')
  if (algorithm === 'argon2') return argon2Of(made, iterations, salt, value)
  const digest = /^pbkdf2(?:-(sha256|sha512))?$/.exec(algorithm)
  if (!digest)
    return refuse(`the password is hashed with ${algorithm.slice(0, 32)}, which is not known here`)
  return `$pbkdf2-${digest[1] ?? 'sha1'}$i=${iterations}$${salt}$${value}`
}

const argon2Of = (made: Json, passes: unknown, salt: string, value: string): string => {
  const parameters = objectAt(made.additionalParameters)
  const first = (name: string, otherwise: string) => textsAt(parameters[name])[0] ?? otherwise
  const version = first('version', '1.3') === '1.0' ? 16 : 19
  const cost = `m=${first('memory', '7168')},t=${passes},p=${first('parallelism', '1')}`
  return `$argon2${first('type', 'id')}$v=${version}$${cost}$${salt}$${value}`
}
