import { randomUUID } from 'node:crypto'
import { type Channel, template, type UsageType } from '#connectors/contract.ts'
import { type Costly, cheaper, costly, type Encoding, segments } from '#connectors/segments.ts'
import { templateFaults } from '#connectors/templates.ts'
import type { Fault } from '#src/lib/problem.ts'
import { type Composer, compose } from '../compose.ts'
import type { Variables } from '../contract.ts'
import type { Choose } from '../template.ts'
import type { Words } from './templates.ts'

/** What a message would be like; nothing of it is kept. */
export interface Wish {
  channel: Channel
  usageType: UsageType
  locale: string
  /** As typed; null for what would be sent now. */
  words: Words | null
  withLink: boolean
  applicationName: string
}

export interface Preview {
  subject: string | null
  text: string
  html: string | null
  /** Why words as typed could not be saved. */
  faults: Fault[]
  sms: SmsPreview | null
}

export interface SmsPreview {
  encoding: Encoding
  /** Places that the text takes, and how many are left in its last segment. */
  units: number
  left: number
  segments: number
  /** What forces UCS-2. */
  costly: Costly[]
  /** The words as typed, with all that can be replaced; null where there is nothing to replace. */
  cheaper: string | null
  /** The last line, by which phones fill the code in; null for an address that has no name. */
  boundLine: string | null
}

/** What a message of this kind is about. */
export const contentOf = (
  usageType: UsageType,
  code = '482913',
): Pick<Variables, 'code' | 'notice'> =>
  usageType === 'SecurityNotice' ? { code: '', notice: 'password_set' } : { code }

/** Fills in samples, as a message would be. */
export const preview = (wish: Wish, choose: Choose, composer: Composer): Preview => {
  const { channel, usageType, locale, words } = wish
  const given = words && {
    usageType,
    content: words.content,
    ...(words.subject ? { subject: words.subject } : {}),
    ...(words.contentType === 'text/html' ? { contentType: words.contentType } : {}),
  }
  const faults = given ? templateFaults(template.parse(given), channel) : []
  const { subject, text, html } = compose(
    {
      id: randomUUID(),
      channel,
      usageType,
      to: channel === 'sms' ? '+41791234567' : 'ada@example.com',
      locale,
      variables: {
        ...contentOf(usageType),
        link: wish.withLink ? `${composer.baseUrl}/l/AAAAAAAAAAAAAAAAAAAAAA` : null,
        expiresInMinutes: channel === 'sms' ? 5 : 10,
        applicationName: wish.applicationName,
        userName: 'Ada Lovelace',
      },
    },
    given ? () => given : choose,
    composer,
  )
  return {
    subject,
    text,
    html,
    faults: faults.map(([path, message]) => ({ path, message })),
    sms: channel === 'sms' ? ofSms(text, words) : null,
  }
}

const ofSms = (text: string, words: Words | null): SmsPreview => {
  const { encoding, units, count } = segments(text)
  const [single, each] = encoding === 'GSM-7' ? [160, 153] : [70, 67]
  const mended = words && cheaper(words.content)
  return {
    encoding,
    units,
    left: Math.max(count <= 1 ? single - units : count * each - units, 0),
    segments: count,
    costly: costly(text),
    cheaper: mended !== words?.content ? mended : null,
    boundLine: /(?:^|\n)(@\S+ #\S+)\s*$/.exec(text)?.[1] ?? null,
  }
}
