import type { Context } from 'koa'
import { Problem } from '#src/lib/problem.ts'

/** What a form has sent. */
export interface Fields {
  /** Empty when it was not sent. */
  text(name: string): string
  /** Of fields with one name, all that are not empty. */
  all(name: string): string[]
  /** One entry for each line that is not empty. */
  lines(name: string): string[]
  has(name: string): boolean
  /** Null when it was not sent or is no whole number. */
  number(name: string): number | null
}

/** @throws Problem `unsupported_media_type` for what is no form */
export const readFields = (ctx: Context): Fields => {
  const body: unknown = ctx.request.body ?? ''
  if (body !== '' && !ctx.is('urlencoded')) throw new Problem('unsupported_media_type')
  return fieldsOf(new URLSearchParams(String(body)))
}

/** What an address says, as a form that was sent with GET does. */
export const fieldsOfQuery = (ctx: Context): Fields =>
  fieldsOf(new URLSearchParams(ctx.querystring))

export const fieldsOf = (sent: URLSearchParams): Fields => {
  const text = (name: string) => sent.get(name) ?? ''
  return {
    text,
    all: (name) => sent.getAll(name).filter((value) => value !== ''),
    lines: (name) =>
      text(name)
        .split('\n')
        .map((line) => line.trim())
        .filter(Boolean),
    has: (name) => sent.has(name),
    number: (name) => (/^-?\d{1,9}$/.test(text(name).trim()) ? Number(text(name)) : null),
  }
}
