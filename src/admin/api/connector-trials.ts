import { z } from 'zod'
import { usageTypes } from '#connectors/contract.ts'
import type { Db } from '#src/db/contract.ts'
import { Problem } from '#src/lib/problem.ts'
import type { Limits } from '#src/limits/index.ts'
import {
  type CheckedSettings,
  chooserOf,
  type MessagingManagement,
  type MessagingService,
} from '#src/messaging/index.ts'
import { type Actor, type Operation, operation } from '../contract.ts'
import { clean, config, instanceId, locale, verdict, words } from './connector-view.ts'
import { readRecipient } from './recipient.ts'

export interface ConnectorDeps {
  management: MessagingManagement
  messaging: MessagingService
  limits: Pick<Limits, 'use'>
}

/** In ten minutes; by sending, credentials can be guessed and people be bothered. */
const mostTests = 5
const mostChecks = 20
const windowSeconds = 600

const typed = {
  id: instanceId
    .optional()
    .describe('The instance that they are for, whose secrets masked ones stand for.'),
  connector: clean(63),
  config: config.describe('As typed; nothing of it is saved.'),
}

const who = ({ kind, id }: Actor) => `${kind}:${id}`

/**
 * Refuses settings that the vendor says can not work. One that does not answer keeps nobody from
 * saving.
 *
 * @param read the settings; null: there is nothing to ask
 * @throws Problem `invalid_input` with the vendor's words, or `too_many_requests`
 */
export const askVendor = async (
  { messaging, limits }: Pick<ConnectorDeps, 'messaging' | 'limits'>,
  { db, actor }: { db: Db; actor: Actor },
  read: () => Promise<CheckedSettings | null>,
): Promise<void> => {
  const one = await read().catch((error: unknown) => {
    // The change itself tells whatever is wrong with what was given, all at once.
    if (error instanceof Problem) return null
    throw error
  })
  if (!one) return
  await limits.use('connector-verify', who(actor), mostChecks, windowSeconds, db)
  const { failure, vendorCode, vendorWords, hint } = await messaging.verify(one)
  if (failure !== 'misconfigured') return
  const said = [vendorCode, vendorWords].filter(Boolean).join(' ')
  const message = [`is refused by the vendor, who says: ${said}`, hint].filter(Boolean).join('. ')
  const [secret] = one.secrets
  const path = secret === undefined ? 'config' : `config.${secret}`
  throw new Problem('invalid_input', { errors: [{ path, message }] })
}

/** Whether settings work, before anybody relies on them. */
export const connectorTrialOperations = ({
  management,
  messaging,
  limits,
}: ConnectorDeps): Operation[] => [
  operation({
    id: 'connectors.test',
    method: 'POST',
    path: '/connectors/test',
    scope: 'connectors:write',
    summary: 'Sends one real message with settings as typed, saved or not; five in ten minutes.',
    atomic: false,
    body: z.strictObject({
      ...typed,
      to: clean(512).describe('Who gets it; phone numbers with their country code.'),
      usageType: z.enum(usageTypes).default('Generic'),
      locale: locale.default('en'),
      words: z
        .strictObject(words)
        .optional()
        .describe('As typed, for this one message; left out: as they are in `config` or saved.'),
    }),
    answer: z.object({
      accepted: z.boolean().describe('The vendor took it; whether it arrives is another question.'),
      reference: z.string().nullable().describe("The vendor's."),
      deliveryId: z.string().describe('Where the receipt is found, should the vendor send one.'),
      receiptComes: z.boolean().describe('Whether the vendor has been told where to send one.'),
      ...verdict,
    }),
    note: ({ body }, { accepted, failure, vendorCode, deliveryId }) => ({
      event: 'connector.tested',
      target: body.id ?? null,
      detail: { connector: body.connector, accepted, failure, vendorCode, deliveryId },
    }),
    async run({ db, body, actor }) {
      const one = await management.connectors.typed(db, { ...body, id: body.id ?? null })
      const recipient = readRecipient(body.to, one.connector.channels, 'to')
      await limits.use('connector-test', who(actor), mostTests, windowSeconds)
      return messaging.tryOut({
        ...one,
        ...recipient,
        usageType: body.usageType,
        locale: body.locale,
        choose: body.words
          ? management.templates.typed(recipient.channel, body.usageType, body.words)
          : chooserOf(one.templates, one.stored?.words ?? null),
      })
    },
  }),

  operation({
    id: 'connectors.verify',
    method: 'POST',
    path: '/connectors/verify',
    scope: 'connectors:write',
    summary: 'Checks credentials as typed without sending anything; twenty times in ten minutes.',
    atomic: false,
    body: z.strictObject(typed),
    answer: z.object({ verified: z.boolean(), ...verdict }),
    note: ({ body }, { verified, failure, vendorCode }) => ({
      event: 'connector.verified',
      target: body.id ?? null,
      detail: { connector: body.connector, verified, failure, vendorCode },
    }),
    async run({ db, body, actor }) {
      const one = await management.connectors.typed(db, { ...body, id: body.id ?? null })
      await limits.use('connector-verify', who(actor), mostChecks, windowSeconds)
      const said = await messaging.verify(one)
      return { verified: said.failure === null, ...said }
    },
  }),
]
