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

/** @throws Problem `bad_request` for what no form of ours sends */
export const readFields = (ctx: Context): Fields => {
  const body: unknown = ctx.request.body ?? {}
  const sent = new Map<string, readonly string[]>()
  for (const [name, value] of Object.entries(body as Record<string, unknown>)) {
    const values = [value].flat()
    if (!values.every((one) => typeof one === 'string')) throw new Problem('bad_request')
    sent.set(name, values as string[])
  }
  const text = (name: string) => sent.get(name)?.[0] ?? ''
  return {
    text,
    all: (name) => (sent.get(name) ?? []).filter((value) => value !== ''),
    lines: (name) =>
      text(name)
        .split('\n')
        .map((line) => line.trim())
        .filter(Boolean),
    has: (name) => sent.has(name),
    number: (name) => (/^-?\d{1,9}$/.test(text(name).trim()) ? Number(text(name)) : null),
  }
}
