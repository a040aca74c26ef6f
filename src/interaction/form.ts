import type { Context } from 'koa'
import { z } from 'zod'
import { Problem } from '#src/lib/problem.ts'
import type { Typed } from './drawing.ts'

const text = z.string().max(4096).default('')

/** Every field of every form; what is not sent is empty, what is sent twice is refused. */
const form = z.object({
  identifier: text,
  region: text,
  mode: text,
  account: text,
  code: text,
  password: text,
  new_password: text,
  name: text,
  username: text,
  saved: text,
  decision: text,
  // Whole credentials: a key id alone may have 1364 characters, and comes twice.
  passkey: z.string().max(24_576).default(''),
  passkey_support: text,
  trust_device: text,
})

export type Form = z.output<typeof form>

/** @throws Problem `invalid_input` */
export const readForm = (ctx: Context): Form => {
  const parsed = form.safeParse(ctx.request.body ?? {})
  if (!parsed.success) throw new Problem('invalid_input', { cause: parsed.error })
  return parsed.data
}

/** What may be shown again. */
export const typedIn = ({ identifier, region, name, username, mode, passkey }: Form): Typed => ({
  ...(identifier ? { identifier } : {}),
  ...(region ? { region } : {}),
  ...(mode ? { mode } : {}),
  ...(passkey ? { passkey: idIn(passkey) } : {}),
  name,
  username,
})

/** Of a passkey only which one it was. */
const idIn = (json: string): string => /"id":"([\w-]{1,1364})"/.exec(json)?.[1] ?? ''
