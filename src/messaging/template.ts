import { requiredUsageTypes, type Template, type UsageType } from '#connectors/contract.ts'
import { escapeHtml } from '#connectors/html.ts'
import { type Placeholder, placeholderPattern } from '#connectors/templates.ts'

export type Values = Readonly<Record<Placeholder, string>>
export type Format = 'html' | 'text'

/**
 * Puts values into a text, in one pass: what a value contains is never looked at again. A value is
 * one line, since a line break in a name could begin a header or the last line of a text message.
 */
export const fill = (text: string, values: Values, format: Format): string =>
  text.replace(placeholderPattern, (whole, name: string) => {
    const key = name.trim()
    if (!Object.hasOwn(values, key)) return whole
    const value = values[key as Placeholder].replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    return format === 'html' ? escapeHtml(value) : value
  })

/** The exact language, then the one without its region, then one for any language. */
const inLanguage = (candidates: readonly Template[], locale: string): Template | null => {
  const asked = locale.toLowerCase()
  for (const language of [asked, asked.split('-')[0], undefined]) {
    const found = candidates.find((each) => each.locale?.toLowerCase() === language)
    if (found) return found
  }
  return null
}

/**
 * The template for a usage in a language: the language as asked for, then without its region, then
 * one for any language. What has no template of its own, is what `Generic` says. Where nothing
 * fits, the first one for the usage is better than nothing.
 */
export const chooseTemplate = (
  templates: readonly Template[],
  usageType: UsageType,
  locale: string,
): Template | null => {
  const usages = [...new Set<UsageType>([usageType, 'Generic'])]
  for (const usage of usages) {
    const found = inLanguage(
      templates.filter((each) => each.usageType === usage),
      locale,
    )
    if (found) return found
  }
  return templates.find((each) => usages.includes(each.usageType)) ?? null
}

/** The operator's words for a usage in a language; null where there are none, and ours are said. */
export type Choose = (usageType: UsageType, locale: string) => Template | null

/**
 * How the words of an instance are found.
 *
 * @param templates of its config: all that are needed, so that ours are never said
 * @param words for some usages, where there are no `templates`; the rest is said in our words
 */
export const chooserOf = (
  templates: readonly Template[] | undefined,
  words: readonly Template[] | null,
): Choose => {
  if (templates) return (usageType, locale) => chooseTemplate(templates, usageType, locale)
  if (!words || words.length === 0) return () => null
  return (usageType, locale) => {
    const required = requiredUsageTypes.some((each) => each === usageType)
    const usages: UsageType[] = required ? [usageType] : [usageType, 'Generic']
    for (const usage of usages) {
      const found = inLanguage(
        words.filter((each) => each.usageType === usage),
        locale,
      )
      if (found) return found
    }
    return null
  }
}

const mentions = (text: string, name: Placeholder): boolean =>
  [...text.matchAll(placeholderPattern)].some(([, each]) => each?.trim() === name)

const append = (content: string, placeholder: string, format: Format): string => {
  if (format === 'text') return `${content.trimEnd()}\n\n${placeholder}`
  const words =
    placeholder === '{{link}}' ? '<p><a href="{{link}}">{{link}}</a></p>' : `<p>${placeholder}</p>`
  const end = content.search(/<\/body\s*>/i)
  return end < 0 ? content + words : content.slice(0, end) + words + content.slice(end)
}

/** A template that lacks what this message is about gets it at its end. */
export const complete = (content: string, hasLink: boolean, format: Format): string => {
  if (hasLink && !mentions(content, 'link')) return append(content, '{{link}}', format)
  if (!hasLink && !mentions(content, 'code')) return append(content, '{{code}}', format)
  return content
}

const boundLine = /(^|\n)@\S+ #\S+\s*$/
/** Names that mean nothing to anybody else: this machine, and bare addresses. */
export const nameless = /^(localhost|.*\.localhost|[\d.]+|\[.*\])$/

/**
 * The last line by which a phone fills the code in on our pages only
 * (https://wicg.github.io/sms-one-time-codes). A text that has such a line keeps its own.
 *
 * @param host where our pages are; without effect for this machine and for bare addresses
 */
export const bindToOrigin = (text: string, host: string, code: string): string =>
  nameless.test(host) || boundLine.test(text) ? text : `${text.trimEnd()}\n\n@${host} #${code}`
