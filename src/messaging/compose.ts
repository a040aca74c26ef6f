import type { Message, Template } from '#connectors/contract.ts'
import { type DefaultWords, defaultWords, type Wanted } from '#connectors/defaults.ts'
import { textOf } from '#connectors/html.ts'
import type { I18n } from '#src/lib/i18n.ts'
import type { Variables } from './contract.ts'
import type { Claimed } from './delivery-repository.ts'
import { bindToOrigin, type Choose, chooserOf, complete, fill, type Values } from './template.ts'

export interface Composer {
  i18n: Pick<I18n, 'negotiate' | 'translator'>
  /** Public origin of our pages. */
  baseUrl: string
}

/** So that our own text message stays one segment whatever the application is called. */
const longestName = 24

const clip = (name: string): string =>
  [...name].length > longestName ? `${[...name].slice(0, longestName - 2).join('')}..` : name

const valuesOf = ({ variables, locale }: Claimed, i18n: Composer['i18n']): Values => ({
  code: variables.code,
  link: variables.link ?? '',
  expiresInMinutes: String(variables.expiresInMinutes),
  'application.name': variables.applicationName,
  'user.name': variables.userName ?? '',
  locale,
  change: changeOf(variables.notice, i18n.translator(i18n.negotiate({ chosen: locale }).code)),
})

/** What a notice tells, in the language of its reader. */
const changeOf = (notice: Variables['notice'], t: (key: string) => string): string =>
  notice ? t(`messages.change.${notice}`) : ''

const aboutOf = ({ code, notice }: Variables): Wanted['about'] => {
  if (notice) return 'notice'
  return code === '' ? 'invitation' : 'code'
}

type Words = DefaultWords & { locale: string }

const ours = (delivery: Claimed, i18n: Composer['i18n']): Words => {
  const language = i18n.negotiate({ chosen: delivery.locale })
  const words = defaultWords({
    channel: delivery.channel,
    usageType: delivery.usageType,
    words: i18n.translator(language.code),
    language,
    expiresInMinutes: delivery.variables.expiresInMinutes,
    hasLink: delivery.variables.link !== null,
    about: aboutOf(delivery.variables),
  })
  const given = valuesOf(delivery, i18n)
  const name = clip(given['application.name'])
  const values = delivery.channel === 'sms' ? { ...given, 'application.name': name } : given
  return {
    locale: language.code,
    subject: words.subject && fill(words.subject, values, 'text'),
    text: fill(words.text, values, 'text'),
    html: words.html && fill(words.html, values, 'html'),
  }
}

const theirs = (delivery: Claimed, template: Template, i18n: Composer['i18n']): Words => {
  const values = valuesOf(delivery, i18n)
  const locale = template.locale ?? delivery.locale
  const isHtml = delivery.channel === 'email' && template.contentType === 'text/html'
  const format = isHtml ? 'html' : 'text'
  const hasLink = delivery.variables.link !== null
  const content = fill(complete(template.content, hasLink, format), values, format)
  const words = isHtml ? { text: textOf(content), html: content } : { text: content, html: null }
  if (delivery.channel === 'sms') return { locale, subject: null, ...words }
  const subject = template.subject
    ? fill(template.subject, values, 'text')
    : ours(delivery, i18n).subject
  return { locale, subject, ...words }
}

/**
 * A delivery in words: the operator's where an instance has templates, else ours.
 *
 * @param own words of the instance that is going to send it: its templates, or how they are chosen
 */
export const compose = (
  delivery: Claimed,
  own: readonly Template[] | Choose | undefined,
  { i18n, baseUrl }: Composer,
): Message => {
  const { id, channel, usageType, to, locale, variables } = delivery
  const choose = typeof own === 'function' ? own : chooserOf(own, null)
  const chosen = choose(usageType, locale)
  // What is said of codes is nothing to say where there is none.
  const template = variables.code || chosen?.usageType === usageType ? chosen : null
  const words = template ? theirs(delivery, template, i18n) : ours(delivery, i18n)
  const { hostname } = new URL(baseUrl)
  return {
    id,
    channel,
    usageType,
    to,
    ...words,
    text:
      channel === 'sms' && variables.code
        ? bindToOrigin(words.text, hostname, variables.code)
        : words.text,
    code: variables.code || null,
    link: variables.link,
  }
}
