import { readJson } from './json.ts'
import {
  dataOf,
  isObject,
  isTrue,
  type Json,
  parseJson,
  textAt,
  textsAt,
  timeAt,
} from './values.ts'

/**
 * Firebase: the JSON of `auth:export`. The settings of its hashes are an object `hash_config` with
 * the names of Firebase's own console, in the file or in an object of its own before it.
 *
 * @see https://firebase.google.com/docs/cli/auth
 */
export const readFirebase = readJson({
  within: 'users',
  also: 'hash_config',
  subject: ({ localId, email }) => textAt(localId) ?? textAt(email),
  person(user, config) {
    const email = textAt(user.email)
    const phone = textAt(user.phoneNumber)
    const claims = parseJson(textAt(user.customAttributes) ?? '')
    return {
      id: textAt(user.localId),
      name: textAt(user.displayName),
      locale: null,
      blocked: isTrue(user.disabled),
      createdAt: timeAt(user.createdAt),
      identifiers: [
        ...(email
          ? [{ type: 'email' as const, value: email, verified: isTrue(user.emailVerified) }]
          : []),
        // It is there only once it was proven.
        ...(phone ? [{ type: 'phone' as const, value: phone, verified: true }] : []),
      ],
      passwordHash: hashOf(user, config),
      roles: isObject(claims) ? textsAt(claims.roles) : [],
      customData: dataOf({ claims: isObject(claims) ? claims : undefined }),
    }
  },
})

const hashOf = (user: Json, config: Json | null): string | null => {
  const hash = textAt(user.passwordHash)
  if (!hash) return null
  // Imported there with an algorithm that says so itself.
  if (hash.startsWith('$')) return hash
  const decoded = Buffer.from(hash, 'base64').toString('latin1')
  if (/^\$2[aby]\$/.test(decoded)) return decoded
  if (!config) return null
  const { mem_cost, rounds, base64_signer_key, base64_salt_separator } = config
  const parts = [base64_signer_key, base64_salt_separator, user.salt, hash].map(plainBase64)
  const [key, separator, salt, tag] = parts
  return `$firebase-scrypt$ln=${mem_cost},r=${rounds},k=${key},s=${separator}$${salt}$${tag}`
}

const plainBase64 = (value: unknown): string =>
  Buffer.from(textAt(value) ?? '', 'base64').toString('base64')
