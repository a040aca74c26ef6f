import { z } from 'zod'
import { usageTypes } from '#connectors/contract.ts'
import { listOf, page, pageOf, readCursor } from '#src/api/index.ts'
import type { Cell, MessagingManagement, MessagingService } from '#src/messaging/index.ts'
import { type Operation, operation } from '../contract.ts'
import {
  authorOf,
  channel,
  clean,
  contentType,
  faults,
  instant,
  locale,
  words,
} from './connector-view.ts'

export interface TemplateDeps {
  management: Pick<MessagingManagement, 'templates'>
  messaging: MessagingService
}

const usageType = z.enum(usageTypes)
const params = z.object({ id: clean(63) })
const one = params.extend({ usageType })
const language = locale.optional().describe('BCP 47; left out: for any language.')
const inLanguage = z.strictObject({ locale: language })

const cell = z.object({ usageType, locale: z.string().nullable() })
export const gridCell = cell.extend({
  state: z
    .enum(['own', 'fallback', 'default'])
    .describe('`fallback`: what `from` says; `default`: our own words.'),
  from: cell.nullable(),
})

export const grid = z.object({
  channel,
  usageTypes: z.array(usageType),
  locales: z.array(z.string().nullable()).describe('null: any language.'),
  cells: z.array(gridCell),
  managedByFile: z.boolean(),
  version: z.int().describe('Of the instance.'),
})

export const template = gridCell.extend({
  words: z
    .object({ subject: z.string().nullable(), content: z.string(), contentType })
    .describe('Its own, or those that are used instead.'),
  managedByFile: z.boolean(),
  version: z.int().describe('Of the instance.'),
})

export const past = z.object({
  id: z.string(),
  usageType,
  locale: z.string().nullable(),
  template: z
    .object({
      content: z.string(),
      subject: z.string().optional(),
      contentType: contentType.optional(),
    })
    .nullable()
    .describe('null: there was none, so that others were used.'),
  author: z
    .object({ kind: z.string(), id: z.string() })
    .nullable()
    .describe('null: what was there before the first change.'),
  at: instant,
})

export const previewed = z.object({
  subject: z.string().nullable(),
  text: z.string(),
  html: z.string().nullable(),
  faults: faults.describe('Why the words could not be saved.'),
  sms: z
    .object({
      encoding: z.enum(['GSM-7', 'UCS-2']),
      units: z.int(),
      left: z.int().describe('Places in the last segment.'),
      segments: z.int().describe('How many text messages are paid for.'),
      costly: z
        .array(
          z.object({
            character: z.string(),
            count: z.int(),
            replacement: z.string().nullable(),
          }),
        )
        .describe('What forces UCS-2.'),
      cheaper: z.string().nullable().describe('The words as typed, with what can be replaced.'),
      boundLine: z.string().nullable().describe('By it, phones fill the code in here only.'),
    })
    .nullable(),
})

const at = (usageType: Cell['usageType'], given: string | undefined): Cell => ({
  usageType,
  locale: given ?? null,
})

const versionKey = z.tuple([z.string().regex(/^\d{1,18}$/)])

/** The words of messages. */
export const templateOperations = (deps: TemplateDeps): Operation[] => [
  ...reading(deps),
  ...changing(deps),
]

const reading = ({ management: { templates } }: TemplateDeps): Operation[] => [
  operation({
    id: 'templates.list',
    method: 'GET',
    path: '/connectors/{id}/templates',
    scope: 'connectors:read',
    summary: 'Which words an instance uses for each usage in each language.',
    params,
    answer: grid,
    run: ({ db, params }) => templates.grid(db, params.id),
  }),

  operation({
    id: 'templates.read',
    method: 'GET',
    path: '/connectors/{id}/templates/{usageType}',
    scope: 'connectors:read',
    summary: 'The words for one usage in one language, with their placeholders.',
    params: one,
    query: inLanguage,
    answer: template,
    run: ({ db, params, query }) =>
      templates.read(db, params.id, at(params.usageType, query.locale)),
  }),

  operation({
    id: 'templates.preview',
    method: 'POST',
    path: '/connectors/{id}/templates/preview',
    scope: 'connectors:read',
    summary: 'What a message would be like, with samples filled in; nothing is sent or saved.',
    params,
    atomic: false,
    body: z.strictObject({
      usageType,
      locale: locale.default('en'),
      ...words,
      content: words.content.optional().describe('As typed; left out: as it is saved.'),
      withLink: z.boolean().default(false).describe('Whether the sign-in has a link.'),
      applicationName: clean(200).default('Example'),
    }),
    answer: previewed,
    run: ({ db, params, body: { content, subject, contentType, ...wish } }) =>
      templates.preview(db, params.id, {
        ...wish,
        words: content === undefined ? null : { content, subject, contentType },
      }),
  }),

  operation({
    id: 'templates.versions',
    method: 'GET',
    path: '/connectors/{id}/templates/{usageType}/versions',
    scope: 'connectors:read',
    summary: 'What the words were, the newest first.',
    params: one,
    query: inLanguage.extend(page),
    answer: listOf(past),
    async run({ db, params, query: { locale, limit, cursor } }) {
      const [before = null] = readCursor(cursor, versionKey) ?? []
      const asked = at(params.usageType, locale)
      const rows = await templates.versions(db, params.id, asked, before, limit + 1)
      return pageOf(
        rows,
        limit,
        (row) => [row.id],
        (row) => row,
      )
    },
  }),
]

const changing = ({ management: { templates }, messaging }: TemplateDeps): Operation[] => [
  operation({
    id: 'templates.save',
    method: 'PUT',
    path: '/connectors/{id}/templates/{usageType}',
    scope: 'connectors:write',
    summary: 'Says something of its own for one usage, in one language or in any.',
    versioned: true,
    params: one,
    query: inLanguage,
    body: z.strictObject(words),
    answer: template,
    note: ({ params, query }) => ({
      event: 'template.saved',
      target: params.id,
      detail: { usageType: params.usageType, locale: query.locale ?? null },
    }),
    async run({ db, params, query, body, version, actor, afterwards }) {
      const saved = await templates.save(
        db,
        params.id,
        at(params.usageType, query.locale),
        body,
        version,
        authorOf(actor),
      )
      afterwards(messaging.reload)
      return saved
    },
  }),

  operation({
    id: 'templates.remove',
    method: 'DELETE',
    path: '/connectors/{id}/templates/{usageType}',
    scope: 'connectors:write',
    summary: 'Goes back to what is said without it; the versions stay.',
    versioned: true,
    params: one,
    query: inLanguage,
    note: ({ params, query }) => ({
      event: 'template.removed',
      target: params.id,
      detail: { usageType: params.usageType, locale: query.locale ?? null },
    }),
    async run({ db, params, query, version, actor, afterwards }) {
      const asked = at(params.usageType, query.locale)
      await templates.remove(db, params.id, asked, version, authorOf(actor))
      afterwards(messaging.reload)
    },
  }),

  operation({
    id: 'templates.restore',
    method: 'POST',
    path: '/connectors/{id}/templates/restore',
    scope: 'connectors:write',
    summary: 'Makes words what they were in an older version; that is a new version.',
    versioned: true,
    params,
    body: z.strictObject({ versionId: z.string().regex(/^\d{1,18}$/) }),
    answer: template,
    note: ({ params, body }, { usageType, locale }) => ({
      event: 'template.restored',
      target: params.id,
      detail: { usageType, locale, versionId: body.versionId },
    }),
    async run({ db, params, body, version, actor, afterwards }) {
      const restored = await templates.restore(
        db,
        params.id,
        body.versionId,
        version,
        authorOf(actor),
      )
      afterwards(messaging.reload)
      return restored
    },
  }),
]
