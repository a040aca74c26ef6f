import { segments } from '#connectors/segments.ts'
import { readable } from '../announce.ts'
import type { InboxMessage } from '../contract.ts'

/** A stretch of a message's text; code and link are shown as what they are. */
export interface Part {
  kind: 'text' | 'code' | 'link'
  value: string
}

export interface MessageView extends Omit<InboxMessage, 'createdAt'> {
  /** `to` in groups. */
  recipient: string
  parts: readonly Part[]
  /** The link, if a browser may follow it. */
  href: string | null
  usage: string
  createdAt: string
  time: string
  /** What a text message costs, such as `1 segment, GSM-7`. */
  cost: string | null
}

const mark = (
  parts: readonly Part[],
  kind: Exclude<Part['kind'], 'text'>,
  value: string | null,
): readonly Part[] =>
  !value
    ? parts
    : parts.flatMap((part) =>
        part.kind === 'text'
          ? part.value
              .split(value)
              .flatMap((text, i): Part[] => [
                ...(i > 0 ? [{ kind, value }] : []),
                ...(text ? [{ kind: 'text' as const, value: text }] : []),
              ])
          : [part],
      )

/** Only the web's own schemes: a message must not be able to place a script in a page. */
export const followable = (link: string | null): string | null =>
  link && /^https?:\/\//i.test(link) ? link : null

/** Splits a text around its link and its code. Joined again, the parts are the text. */
export const partsOf = (text: string, link: string | null, code: string | null): readonly Part[] =>
  mark(mark([{ kind: 'text', value: text }], 'link', followable(link)), 'code', code)

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })

/** `ForgotPassword` → `Forgot password` */
const words = (usageType: string): string => {
  const [first = '', ...rest] = usageType.split(/(?=[A-Z])/)
  return [first, ...rest.map((word) => word.toLowerCase())].join(' ')
}

/** `2 segments, UCS-2 because of “م”` */
const costOf = (text: string): string => {
  const { count, encoding, forcedBy } = segments(text)
  const because = forcedBy === null ? '' : ` because of “${forcedBy}”`
  return `${count} ${count === 1 ? 'segment' : 'segments'}, ${encoding}${because}`
}

/** One message as the inbox shows it. */
export const presentMessage = (message: InboxMessage): MessageView => ({
  ...message,
  recipient: readable(message.channel, message.to),
  parts: partsOf(message.text, message.link, message.code),
  href: followable(message.link),
  usage: words(message.usageType),
  createdAt: message.createdAt.toISOString(),
  time: clock.format(message.createdAt),
  cost: message.channel === 'sms' ? costOf(message.text) : null,
})
