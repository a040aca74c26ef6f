import type { ReadFile } from '../contract.ts'
import { readTable } from '../csv.ts'
import { dataOf, isTrue, localeAt, nameOf } from './values.ts'

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i

/**
 * Amazon Cognito: CSV with the columns of a user pool, as its import jobs have them, and `sub` where
 * there is one. Cognito gives away no password hashes.
 *
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-using-import-tool.html
 */
export const readCognito: ReadFile = async function* (file) {
  for await (const row of readTable(file, null)) {
    const { line } = row
    if ('fault' in row) {
      yield { line, subject: null, fault: row.fault }
      continue
    }
    const cell = (name: string) => row.cells.get(name) || null
    const [given, email, phone] = [cell('cognito:username'), cell('email'), cell('phone_number')]
    // Where people sign in with an address or a number, the username is that, or an id.
    const username = [given, cell('preferred_username')].find(
      (name) => name && !uuid.test(name) && !name.includes('@') && !name.startsWith('+'),
    )
    const custom = [...row.cells].filter(([name]) => name.startsWith('custom:'))
    yield {
      line,
      subject: given ?? email ?? phone,
      person: {
        id: cell('sub') ?? given,
        name: nameOf(cell('name'), cell('given_name'), cell('family_name')),
        locale: localeAt(cell('locale')),
        blocked: cell('enabled')?.toLowerCase() === 'false',
        createdAt: null,
        identifiers: [
          ...(email
            ? [{ type: 'email' as const, value: email, verified: flag(cell('email_verified')) }]
            : []),
          ...(phone
            ? [
                {
                  type: 'phone' as const,
                  value: phone,
                  verified: flag(cell('phone_number_verified')),
                },
              ]
            : []),
          ...(username ? [{ type: 'username' as const, value: username, verified: true }] : []),
        ],
        passwordHash: null,
        roles: [],
        customData: dataOf(
          Object.fromEntries(custom.map(([name, value]) => [name.slice(7), value || null])),
        ),
      },
    }
  }
}

const flag = (text: string | null): boolean => isTrue(text?.toLowerCase())
