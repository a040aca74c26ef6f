import { z } from 'zod'
import { freeText } from '#config/text.ts'
import type { Actor } from '../contract.ts'

export const instant = z.date().transform((at) => at.toISOString())

export const channel = z.enum(['sms', 'email'])

export const failure = z.enum([
  'rejected',
  'misconfigured',
  'rate_limited',
  'unavailable',
  'unknown_outcome',
])

const count = z.int()

const window = z.object({
  sent: count.describe(
    "People's messages that it was asked to send; its newest 10,000 are counted.",
  ),
  accepted: count,
  failed: count,
  unknown: count.describe('They may have been sent.'),
  failures: z.partialRecord(failure, count).describe('By class.'),
  delivered: count.describe('As the vendor said later; 0 where it says nothing.'),
  undelivered: count,
  p50Ms: count.nullable().describe('Time to acceptance.'),
  p95Ms: count.nullable(),
})

export const faults = z.array(z.object({ path: z.string(), message: z.string() }))

const settings = z.record(z.string(), z.unknown())

const health = z.object({
  hour: window,
  day: window,
  week: window,
  lastError: z
    .object({
      failure,
      vendorCode: z.string().nullable(),
      vendorWords: z.string().nullable(),
      at: instant,
    })
    .nullable(),
  lastTest: z.object({ at: instant, accepted: z.boolean(), deliveryId: z.string() }).nullable(),
})

/** An instance; its secrets are masked. */
export const instance = z.object({
  id: z.string(),
  connector: z.string(),
  name: z.string().describe('Of the connector.'),
  channels: z.array(channel),
  priority: z.int().describe('Smaller is tried first.'),
  countries: z.array(z.string()).nullable().describe('ISO 3166; null: everywhere.'),
  enabled: z.boolean(),
  managedByFile: z.boolean(),
  config: settings.describe('Secrets are masked; sent back like that, they are kept.'),
  templates: z.enum(['own', 'some', 'default']),
  faults: faults.describe('Why it sends nothing, where its settings are no longer valid.'),
  circuit: z.object({
    state: z
      .enum(['closed', 'open'])
      .describe('Open: at least one process passes it over, since it keeps failing.'),
    until: instant.nullable(),
  }),
  health,
  createdAt: instant,
  updatedAt: instant,
  version: z.int(),
})

/** In a list, where it is not asked for how each has done. */
export const listedInstance = instance.extend({ health: health.optional() })

export const kind = z.object({
  id: z.string(),
  name: z.string(),
  channels: z.array(channel),
  schema: settings.describe('JSON Schema of `config`; secrets have `secret: true`.'),
  secrets: z.array(z.string()).describe('Dotted paths of the secrets in `config`.'),
  readme: z.string().describe('Markdown.'),
  logo: z.string().describe('SVG.'),
})

/** What a vendor thought of a try. */
export const verdict = {
  failure: failure.nullable(),
  vendorCode: z.string().nullable(),
  vendorWords: z.string().nullable().describe("The vendor's own, without the recipient."),
  hint: z.string().nullable().describe('What to do about it, where that is known.'),
  latencyMs: z.int(),
}

/** No connector has settings within settings within settings; what copies them has its limits. */
const mostLevels = 8

const isShallow = (value: unknown, levels = mostLevels): boolean => {
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every((each) => isShallow(each, levels - 1))
}

export const config = z
  .record(z.string(), z.unknown())
  .refine((given) => isShallow(given), `may have at most ${mostLevels} levels`)

export const authorOf = ({ kind, id }: Actor) => ({ kind, id })

/** Text that every database takes. */
export const clean = (most: number) => freeText.max(most)

export const locale = clean(35)
  .refine((tag) => {
    try {
      return Intl.getCanonicalLocales(tag).length === 1
    } catch {
      return false
    }
  }, 'has to be a language tag, such as de or de-CH')
  .describe('BCP 47.')

export const contentType = z.enum(['text/plain', 'text/html'])

/** Of a connector's instance, as far as it can be one. */
export const instanceId = clean(63)

/** Words of a message, as they are typed. */
export const words = {
  content: clean(50_000).min(1),
  subject: clean(500).nullable().default(null).describe('Email only; null: ours.'),
  contentType: contentType.default('text/plain').describe('HTML for email only.'),
}
