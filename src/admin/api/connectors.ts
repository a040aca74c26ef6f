import { z } from 'zod'
import { usageTypes } from '#connectors/contract.ts'
import { listOf } from '#src/api/index.ts'
import type { Limits } from '#src/limits/index.ts'
import { chooserOf, type MessagingManagement, type MessagingService } from '#src/messaging/index.ts'
import { type Actor, type Operation, operation } from '../contract.ts'
import {
  authorOf,
  clean,
  config,
  instance,
  kind,
  locale,
  verdict,
  words,
} from './connector-view.ts'
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

const id = clean(63)
const params = z.object({ id })
const priority = z.int().min(0).max(1000)
const countries = z.array(clean(2)).min(1).max(250).nullable()

const typed = {
  id: id
    .optional()
    .describe('The instance that they are for, whose secrets masked ones stand for.'),
  connector: clean(63),
  config: config.describe('As typed; nothing of it is saved.'),
}

const who = ({ kind, id }: Actor) => `${kind}:${id}`

/** Who delivers messages, with which settings. */
export const connectorOperations = (deps: ConnectorDeps): Operation[] => [
  ...reading(deps),
  ...changing(deps),
  ...trying(deps),
]

const reading = ({ management: { connectors } }: ConnectorDeps): Operation[] => [
  operation({
    id: 'connectors.kinds',
    method: 'GET',
    path: '/connector-kinds',
    scope: 'connectors:read',
    summary:
      'What instances can be made of, with the schema of their settings and how to set them up.',
    answer: listOf(kind),
    run: async () => ({ data: await connectors.kinds(), next: null }),
  }),

  operation({
    id: 'connectors.list',
    method: 'GET',
    path: '/connectors',
    scope: 'connectors:read',
    summary: 'All instances in the order in which they are tried, with how they have done.',
    answer: listOf(instance),
    run: async ({ db }) => ({ data: await connectors.list(db), next: null }),
  }),

  operation({
    id: 'connectors.read',
    method: 'GET',
    path: '/connectors/{id}',
    scope: 'connectors:read',
    summary: 'One instance.',
    params,
    answer: instance,
    run: ({ db, params }) => connectors.read(db, params.id),
  }),
]

const changing = ({ management: { connectors }, messaging }: ConnectorDeps): Operation[] => [
  operation({
    id: 'connectors.create',
    method: 'POST',
    path: '/connectors',
    scope: 'connectors:write',
    summary: 'Sets up an instance.',
    body: z.strictObject({
      id: z.string().describe('Lower-case letters, digits, - and _.'),
      connector: clean(63),
      priority: priority.optional(),
      countries: countries.optional(),
      config,
      enabled: z.boolean().optional(),
    }),
    answer: instance,
    status: 201,
    note: ({ body }) => ({
      event: 'connector.created',
      target: body.id,
      detail: { connector: body.connector },
    }),
    async run({ db, body, actor, afterwards }) {
      const created = await connectors.create(db, body, authorOf(actor))
      afterwards(messaging.reload)
      return created
    },
  }),

  operation({
    id: 'connectors.change',
    method: 'PATCH',
    path: '/connectors/{id}',
    scope: 'connectors:write',
    summary: 'Changes what is given; `config` is replaced as a whole.',
    params,
    body: z.strictObject({
      priority: priority.optional(),
      countries: countries.optional(),
      config: config.optional(),
      enabled: z.boolean().optional(),
    }),
    answer: instance,
    note: ({ params, body: { config, ...rest } }) => ({
      event: 'connector.changed',
      target: params.id,
      // Of settings only that they were changed: they hold secrets.
      detail: { ...rest, ...(config ? { config: Object.keys(config).sort() } : {}) },
    }),
    async run({ db, params, body, version, actor, afterwards }) {
      const changed = await connectors.change(db, params.id, body, version, authorOf(actor))
      afterwards(messaging.reload)
      return changed
    },
  }),

  operation({
    id: 'connectors.order',
    method: 'PUT',
    path: '/connectors/order',
    scope: 'connectors:write',
    summary: 'Has these instances tried first, in this order.',
    body: z.strictObject({
      ids: z
        .array(id)
        .min(1)
        .max(100)
        .refine((ids) => new Set(ids).size === ids.length, 'has one of them twice'),
    }),
    answer: listOf(instance),
    note: ({ body }) => ({ event: 'connectors.ordered', detail: body }),
    async run({ db, body, afterwards }) {
      const data = await connectors.order(db, body.ids)
      afterwards(messaging.reload)
      return { data, next: null }
    },
  }),

  operation({
    id: 'connectors.delete',
    method: 'DELETE',
    path: '/connectors/{id}',
    scope: 'connectors:write',
    summary: 'Removes an instance with its words; what it has delivered stays on record.',
    params,
    destructive: true,
    note: ({ params }) => ({ event: 'connector.deleted', target: params.id }),
    async run({ db, params, version, afterwards }) {
      await connectors.remove(db, params.id, version)
      afterwards(messaging.reload)
    },
  }),
]

const trying = ({ management, messaging, limits }: ConnectorDeps): Operation[] => [
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
