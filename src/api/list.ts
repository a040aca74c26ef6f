import { z } from 'zod'
import { Problem } from '#src/lib/problem.ts'

/** Members of the query that every list has. */
export const page = {
  limit: z.coerce.number().int().min(1).max(100).default(25).describe('At most so many.'),
  cursor: z.string().max(1024).optional().describe('`next` of the list before; first without it.'),
}

/** `{data, next}`: `next` is null on the last page. */
export const listOf = <T extends z.ZodType>(each: T) =>
  z.object({ data: z.array(each), next: z.string().nullable() })

/**
 * Where the next page of a list begins: the sort key of the last row that was given. It opens
 * nothing that the caller may not see, so it is neither secret nor signed.
 */
export const writeCursor = (key: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify(key)).toString('base64url')

/** @throws Problem `invalid_input` for what is no cursor of this list */
export const readCursor = <T extends z.ZodType>(
  cursor: string | undefined,
  key: T,
): z.output<T> | null => {
  if (cursor === undefined) return null
  const parsed = key.safeParse(jsonOf(Buffer.from(cursor, 'base64url').toString()))
  if (parsed.success) return parsed.data
  const message = 'has to be what `next` of the list before says'
  throw new Problem('invalid_input', { errors: [{ path: 'cursor', message }] })
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Of `limit + 1` rows, those of this page, and where the next one begins. */
export const pageOf = <R, T>(
  rows: readonly R[],
  limit: number,
  keyOf: (row: R) => readonly (string | number)[],
  present: (row: R) => T,
): { data: T[]; next: string | null } => {
  const shown = rows.slice(0, limit)
  const more = rows.length > limit
  return { data: shown.map(present), next: more ? writeCursor(keyOf(shown.at(-1)!)) : null }
}
