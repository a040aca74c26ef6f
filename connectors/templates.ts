import { z } from 'zod'
import { type Channel, requiredUsageTypes, type Template, template } from './contract.ts'

/** Everything that a template may mention; `{{application.name}}` and so on. */
export const placeholders = [
  'code',
  'link',
  'expiresInMinutes',
  'application.name',
  'user.name',
  'locale',
  'change',
] as const
export type Placeholder = (typeof placeholders)[number]

/** What stands between double braces; the name still has spaces around it. */
export const placeholderPattern = /\{\{([^{}]*)\}\}/g

const known: readonly string[] = placeholders

const mentions = (text: string): string[] =>
  [...text.matchAll(placeholderPattern)].map(([, name = '']) => name.trim())

const isLanguageTag = (tag: string): boolean => {
  try {
    return Intl.getCanonicalLocales(tag).length === 1
  } catch {
    return false
  }
}

type Fault = [property: keyof Template, words: string]

/** What is wrong with a template by itself. */
export const templateFaults = (given: Template, channel: Channel): Fault[] => {
  const faults: Fault[] = []
  const where = `The template for ${given.usageType}`
  for (const property of ['content', 'subject'] as const) {
    for (const name of mentions(given[property] ?? '')) {
      if (known.includes(name)) continue
      faults.push([property, `${where} mentions {{${name}}}; there is only ${known.join(', ')}.`])
    }
  }
  const inContent = mentions(given.content)
  if (given.usageType === 'SecurityNotice') {
    if (!inContent.includes('change')) {
      faults.push(['content', `${where} lacks {{change}}, which says what has changed.`])
    }
  } else if (!inContent.includes('code') && !inContent.includes('link')) {
    faults.push(['content', `${where} has neither {{code}} nor {{link}}.`])
  }
  if (given.subject && /\p{Cc}/u.test(given.subject)) {
    faults.push(['subject', `${where} has a subject of more than one line.`])
  }
  if (channel === 'sms' && given.contentType === 'text/html') {
    faults.push(['contentType', `${where} is for a text message, which is plain.`])
  }
  if (given.locale && !isLanguageTag(given.locale)) {
    faults.push(['locale', `${where} has a locale that is not a language tag (BCP 47).`])
  }
  return faults
}

/**
 * The templates of an instance, in the shape that Logto's users know. Left out, our own words are
 * used, in every language; given, the four required usage types must be among them.
 */
export const templates = (channel: Channel) =>
  z
    .array(template)
    .superRefine((given, ctx) => {
      for (const usageType of requiredUsageTypes) {
        if (given.some((each) => each.usageType === usageType)) continue
        ctx.addIssue({ code: 'custom', message: `The template for ${usageType} is missing.` })
      }
      for (const [index, each] of given.entries()) {
        for (const [property, message] of templateFaults(each, channel)) {
          ctx.addIssue({ code: 'custom', path: [index, property], message })
        }
      }
      const keys = given.map(({ usageType, locale }) => `${usageType} ${locale?.toLowerCase()}`)
      for (const [index, key] of keys.entries()) {
        if (keys.indexOf(key) === index) continue
        const message = `The template for ${given[index]!.usageType} is given twice.`
        ctx.addIssue({ code: 'custom', path: [index], message })
      }
    })
    .optional()
    .describe('Words for each usage. Left out: ours, in every language.')
