/**
 * Codes and links that are sent: one message, one challenge, whichever of the two comes back. A link
 * carries a random token; the code is made from that token, so that the page behind the link can
 * show it and neither has to be stored.
 */
import { randomUUID } from 'node:crypto'
import type { Channel } from '#connectors/contract.ts'
import type { Db } from '#src/db/contract.ts'
import { type Keyring, randomToken } from '#src/lib/crypto.ts'
import { Problem } from '#src/lib/problem.ts'
import type { Messaging } from '#src/messaging/contract.ts'
import type { Settings } from '#src/settings/contract.ts'
import type { Identifier } from '#src/users/contract.ts'
import type { MethodId, Remember, Verification, Who } from '../contract.ts'
import { normaliseCode } from '../normalise.ts'
import { handovers } from './handover.ts'
import { refusal } from './refusal.ts'
import { type Challenge, challengeRepository } from './repository.ts'

export type { Challenge } from './repository.ts'

export interface MessageDeps {
  db: Db
  keys: Keyring
  messaging: Messaging
  settings: () => Settings
  baseUrl: string
  /** Runs work once the answer is out, and lets a shutdown wait for it. */
  later: (work: () => Promise<void>) => void
  now: () => Date
}

export type Messages = ReturnType<typeof messages>

/** 256 bits, or 128 where the link has to fit into one text message. */
const tokenBytes: Record<Channel, number> = { email: 32, sms: 16 }

export const messages = (deps: MessageDeps) => {
  const { db, keys, messaging, settings, now } = deps
  const repository = challengeRepository(db)

  const codeOf = (token: string, key = keys.mac('code', token)): string => {
    const { length } = settings().codes
    return String(key.readBigUInt64BE() % 10n ** BigInt(length)).padStart(length, '0')
  }
  // Bound to the sign-in, so that a code is worth nothing in any other.
  const answers = (uid: string, channel: Channel, code: string) =>
    keys.macs('answer', uid, channel, code)
  const links = (token: string) => keys.macs('link', token)

  const ttl = (channel: Channel, link: boolean): number => {
    const { smsTtlSeconds, smsLinkTtlSeconds, emailTtlSeconds } = settings().codes
    if (channel === 'email') return emailTtlSeconds
    return link ? smsLinkTtlSeconds : smsTtlSeconds
  }

  const proof = (
    method: MethodId,
    { id, channel, identifier, ageMs }: Challenge,
    amr: string[],
    at = now(),
  ): Verification => ({
    method,
    kind: channel === 'sms' ? 'possession' : null,
    channel,
    identifier,
    userId: null,
    amr,
    at,
    message: { id, ageMs },
  })

  const linkProof = (challenge: Challenge, at = now()): Verification =>
    proof(`${challenge.channel}-link`, challenge, [challenge.channel], at)

  return {
    /** Sends a code, and a link with it if asked. A decoy goes through the motions. */
    async start(who: Who, remember: Remember, channel: Channel, withLink: boolean): Promise<void> {
      if (!who.identifier) throw new Problem('identifier_required')
      const fixed = fixedCode(settings(), who.identifier)
      if (!fixed && !messaging.serves(channel, who.identifier.value)) {
        throw new Problem('no_connector')
      }
      const token = randomToken(tokenBytes[channel])
      const code = fixed ?? codeOf(token)
      const silent = who.decoy || fixed !== null
      const id = randomUUID()
      const ttlSeconds = ttl(channel, withLink)
      await db.transaction(async (tx) => {
        const opened = challengeRepository(tx).open({
          id,
          interactionUid: who.interactionUid,
          channel,
          identifier: who.identifier!,
          code: answers(who.interactionUid, channel, who.decoy ? randomToken() : code)[0]!,
          link: withLink ? keys.mac('link', silent ? randomToken() : token) : null,
          maxTries: settings().codes.tries,
          ttlSeconds,
        })
        const queued = silent
          ? null
          : messaging.queue(tx, {
              id,
              channel,
              to: who.identifier!.value,
              usageType: who.usageType,
              locale: who.locale,
              variables: {
                code,
                link: withLink ? `${deps.baseUrl}/l/${token}` : null,
                expiresInMinutes: Math.round(ttlSeconds / 60),
                applicationName: who.applicationName,
                userName: null,
              },
              ttlSeconds,
              interactionUid: who.interactionUid,
              clientId: who.clientId,
            })
        await Promise.all([opened, queued, remember(tx, silent ? null : id)])
      })
      if (!silent) deps.later(() => messaging.send(id))
    },

    /** @throws Problem `incorrect_code`, `code_expired`, `code_spent` or `too_many_tries` */
    async verify(who: Who, channel: Channel, answer: string): Promise<Verification> {
      const code = normaliseCode(answer, settings().codes.length)
      const { interactionUid: uid, identifier } = who
      if (!identifier) throw new Problem('identifier_required')
      const macs = answers(uid, channel, code)
      const outcome = await repository.answer(uid, channel, identifier, macs)
      if (outcome.right) {
        return proof(`${channel}-code`, outcome.challenge, ['otp', channel])
      }
      throw refusal(outcome.challenge)
    },

    /** What a link leads to; looking changes nothing. */
    findLink: (token: string): Promise<Challenge | null> => repository.findByLink(links(token)),

    /** Spends a link, for the caller who has made sure that it is the browser that asked. */
    async spendLink(
      token: string,
    ): Promise<{ interactionUid: string; verification: Verification } | null> {
      const challenge = await repository.spendLink(links(token))
      if (!challenge) return null
      return { interactionUid: challenge.interactionUid, verification: linkProof(challenge) }
    },

    /** What may be done with a link in a browser that did not ask for it. */
    handovers: handovers({
      db,
      keys,
      hashes: ({ interactionUid: uid, channel }, answer) =>
        answers(uid, channel, normaliseCode(answer, settings().codes.length)),
      linkProof,
      now,
    }),

    /** The code of the same message, for a browser that may not continue by itself. */
    codeOf,

    sweep: () => repository.sweep(),
  }
}

/** The code of somebody who exists for automated tests alone, or null. */
export const fixedCode = (
  { testIdentifiers }: Pick<Settings, 'testIdentifiers'>,
  { value }: Identifier,
): string | null => testIdentifiers.find(({ identifier }) => identifier === value)?.code ?? null
