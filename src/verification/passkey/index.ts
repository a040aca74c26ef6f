/**
 * Passkeys (WebAuthn Level 3). The browser asks for options, which hold a challenge; what the
 * authenticator answers is good for that challenge, in that place, once.
 *
 * A *subject* is the place: `interaction:<uid>` in a sign-in, `account:<session>` on account pages.
 */
import { isIP } from 'node:net'
import { auditRepository } from '#src/audit/index.ts'
import type { Db } from '#src/db/contract.ts'
import { Problem } from '#src/lib/problem.ts'
import type { Settings } from '#src/settings/contract.ts'
import type { Method } from '../contract.ts'
import { assert } from './assert.ts'
import { sweepChallenges } from './challenge-repository.ts'
import type {
  About,
  CreationOptions,
  NewPasskey,
  Passkey,
  PasskeyOwner,
  RequestOptions,
} from './contract.ts'
import { creationOptions, freshHandle, type Place, requestOptions } from './options.ts'
import { type NewlyRegistered, register } from './register.ts'
import {
  deletePasskey,
  deletePasskeys,
  handleOf,
  hasRefusedPasskey,
  listPasskeys,
  refusePasskey,
  renamePasskey,
} from './repository.ts'

export { passkeyAmr } from './assert.ts'
export type { About, CreationOptions, NewPasskey, Passkey, PasskeyOwner, RequestOptions }

export interface PasskeyDeps {
  db: Db
  settings: () => Settings
  baseUrl: string
  now(): Date
}

/**
 * What a browser is told with the page (`data-signals` of `passkey.js`), so that it offers only what
 * still works, under the name of today: methods of `PublicKeyCredential`, with what they take.
 */
export type Signal = readonly [method: string, about: object]

export interface PasskeyMethod extends Method {
  /** The host that passkeys belong to. */
  rpId: string
  /** The settings want passkeys, and this host can have them: an IP address can not. */
  isOn(): boolean
  /** Sites of other hosts that may use the passkeys of this one. */
  relatedOrigins(): readonly string[]
  /**
   * What a browser needs to ask for a passkey: with a person, for one of theirs; without, for any
   * that it has, which must then verify whoever uses it.
   */
  requestOptions(
    subject: string,
    asked: { userId: string | null; verified: boolean },
  ): Promise<RequestOptions>
  /** What a browser needs to make one. */
  beginRegistration(
    user: PasskeyOwner,
    subject: string,
    kind?: NewPasskey,
  ): Promise<CreationOptions>
  /**
   * Keeps a new passkey of a person, given as the JSON of what the browser answered, and notes that.
   *
   * @returns it, and whether the authenticator verified that person meanwhile
   * @throws Problem `passkey_refused`, `passkey_expired`, `passkey_unverified`, `passkey_exists`
   */
  register(
    place: { subject: string; userId: string },
    answer: string,
    about: About,
  ): Promise<NewlyRegistered>
  list(userId: string): Promise<Passkey[]>
  /** @throws Problem `not_found`, or `invalid_input` for a name that is empty or too long */
  rename(userId: string, id: string, name: string): Promise<void>
  /**
   * @param before runs first, in the same transaction, and may refuse
   * @throws Problem `not_found`
   */
  remove(
    userId: string,
    id: string,
    about: About,
    before?: (tx: Db) => Promise<void>,
  ): Promise<void>
  /** Without a note: for those who take away all that somebody has. */
  removeAll(db: Db, userId: string): Promise<void>
  /** For pages of somebody whose passkeys may have changed. */
  signals(owner: PasskeyOwner): Promise<Signal[]>
  /** Whether somebody does not want to be offered one in this browser now. */
  isRefused(userId: string, browser: Buffer): Promise<boolean>
  /** Not now: for `days`; or never again. */
  refuse(userId: string, browser: Buffer, days: number | null): Promise<void>
  sweep(): Promise<void>
}

const longestName = 64

export const passkeyMethod = (deps: PasskeyDeps): PasskeyMethod => {
  const { db, settings, baseUrl } = deps
  const rpId = new URL(baseUrl).hostname
  const relatedOrigins = () => settings().passkeys.relatedOrigins
  const place = (subject: string): Place => ({
    db,
    subject,
    rpId,
    origins: [new URL(baseUrl).origin, ...relatedOrigins()],
  })

  return {
    id: 'passkey',
    kind: 'possession',
    channel: null,
    amr: ['hwk', 'user'],
    accepts: [],
    rpId,
    relatedOrigins,
    isOn: () => settings().signIn.methods.includes('passkey') && isIP(rpId) === 0,

    verify: ({ interactionUid, userId }, answer) =>
      assert(place(`interaction:${interactionUid}`), userId, answer, deps.now()),
    requestOptions: (subject, asked) => requestOptions(place(subject), asked),
    beginRegistration: (user, subject, kind = 'any') =>
      creationOptions(place(subject), settings().branding.name, user, kind),
    register: ({ subject, userId }, answer, about) =>
      register(place(subject), userId, answer, about),

    list: async (userId) =>
      (await listPasskeys(db, userId)).map(({ transports: _, ...passkey }) => passkey),
    async rename(userId, id, given) {
      const name = given.replaceAll(/[\p{C}\u2028\u2029]/gu, ' ').trim()
      if (name === '') throw new Problem('passkey_name_required', { field: 'name' })
      if ([...name].length > longestName) {
        throw new Problem('name_too_long', { field: 'name', values: { length: longestName } })
      }
      if (!(await renamePasskey(db, userId, id, name))) throw new Problem('not_found')
    },
    async remove(userId, id, about, before) {
      await db.transaction(async (tx) => {
        await before?.(tx)
        const name = await deletePasskey(tx, userId, id)
        if (name === null) throw new Problem('not_found')
        const event = 'factor.removed'
        await auditRepository(tx).add({
          ...about,
          event,
          method: 'passkey',
          userId,
          target: id,
          detail: JSON.stringify({ name }),
        })
      })
    },
    removeAll: deletePasskeys,
    async signals({ id, name, displayName }) {
      const userId = (await handleOf(db, id, freshHandle())).toString('base64url')
      const allAcceptedCredentialIds = (await listPasskeys(db, id)).map((one) => one.id)
      return [
        ['signalAllAcceptedCredentials', { rpId, userId, allAcceptedCredentialIds }],
        ['signalCurrentUserDetails', { rpId, userId, name, displayName }],
      ]
    },
    isRefused: (userId, browser) => hasRefusedPasskey(db, userId, browser),
    refuse: (userId, browser, days) => refusePasskey(db, userId, browser, days),
    sweep: () => sweepChallenges(db),
  }
}
