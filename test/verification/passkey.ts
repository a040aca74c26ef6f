/** Somebody with a passkey, and the places where it is asked for. */

import { defaultSettings } from '#src/settings/defaults.ts'
import type { Who } from '#src/verification/contract.ts'
import { passkeyMethod } from '#src/verification/passkey/index.ts'
import type { TestDatabase } from '../support/database.ts'
import { type SoftOptions, softAuthenticator, type Wrong } from '../support/soft-passkeys.ts'

export const origin = 'https://id.example.com'
export const related = 'https://shop.example'
export const subject = 'interaction:i1'

export const asking = (userId: string | null = null, interactionUid = 'i1'): Who => ({
  interactionUid,
  clientId: 'shop',
  applicationName: 'Shop',
  browser: 'b1',
  identifier: null,
  userId,
  usageType: 'SignIn',
  locale: 'en',
  decoy: false,
})

export const about = { clientId: 'shop', interactionUid: 'i1', address: '192.0.2.1' }

export const ownerOf = (id: string) => ({ id, name: `${id}@example.com`, displayName: id })

/** People who exist, and a server that knows passkeys. */
export const withPeople = async (db: TestDatabase, ...people: string[]) => {
  const settings = { ...defaultSettings, passkeys: { relatedOrigins: [related] } }
  const now = () => new Date()
  const method = passkeyMethod({ db, settings: () => settings, baseUrl: origin, now })
  for (const id of people) await db.query('test.user', 'insert into users (id) values ($1)', [id])

  const make = async (
    userId: string,
    wrong: Wrong = {},
    kind: 'any' | 'passkey' | 'quiet' = 'passkey',
    authenticator = softAuthenticator({ origin }),
  ) => {
    const options = await method.beginRegistration(ownerOf(userId), subject, kind)
    const made = await method.register(
      { subject, userId },
      authenticator.create(options, wrong),
      about,
    )
    return { authenticator, options, ...made }
  }

  return {
    method,
    make,
    /** The first of these people has one. */
    async withPasskey(soft: Partial<SoftOptions> = {}) {
      return make(people[0]!, {}, 'passkey', softAuthenticator({ origin, ...soft }))
    },
    anybody: () => method.requestOptions(subject, { userId: null, verified: true }),
    events: async (event: string) =>
      db.query<{ user_id: string; target: string; detail: string }>(
        'test.events',
        'select user_id, target, detail from audit_events where event = $1 order by id',
        [event],
      ),
  }
}
