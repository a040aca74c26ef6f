import type { Context } from 'koa'
import { z } from 'zod'
import { Problem } from '#src/lib/problem.ts'

/** What a form has sent. What is not sent is missing; what is sent twice is refused. */
export type Fields = Record<string, string>

const form = z.record(z.string().max(64), z.string().max(32_768))

/** @throws Problem `invalid_input` */
export const readFields = (ctx: Context): Fields => {
  const parsed = form.safeParse(ctx.request.body ?? {})
  if (!parsed.success) throw new Problem('invalid_input', { cause: parsed.error })
  return parsed.data
}
