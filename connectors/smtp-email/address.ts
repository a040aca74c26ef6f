import { z } from 'zod'

/**
 * An address that means one mailbox to every parser: RFC 5321 without quotes, comments and
 * literals.
 */
export const addrSpec =
  /^(?=.{3,254}$)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/

export interface Mailbox {
  name: string
  address: string
}

const read = (text: string): Mailbox | null => {
  const [, quoted, bare, inBrackets] = /^(?:"([^"]*)"|([^"<>]*?))\s*<([^<>]*)>$/.exec(text) ?? []
  const address = inBrackets ?? text
  const name = (quoted ?? bare ?? '').trim()
  return addrSpec.test(address) && !/\p{Cc}/u.test(name) ? { name, address } : null
}

const parse = (text: string, ctx: z.RefinementCtx): Mailbox => {
  const parsed = read(text.trim())
  if (parsed) return parsed
  ctx.addIssue({ code: 'custom', message: 'An address, or Name <address>, is expected.' })
  return z.NEVER
}

/** `login@example.com` or `Example <login@example.com>`. */
export const mailbox = z.string().transform(parse)

/** The same, or an empty text for none. */
export const mailboxOrEmpty = z
  .string()
  .transform((text, ctx): Mailbox | undefined =>
    text.trim() === '' ? undefined : parse(text, ctx),
  )
