import { z } from 'zod'
import { place } from '#config/names.ts'
import { words } from '#config/words.ts'
import { type Fault, Problem } from '#src/lib/problem.ts'
import type { Given, Operation } from './contract.ts'

/** Where nothing is asked for, nothing is taken. */
const nothing = z.strictObject({})

/**
 * What was given, as the schemas of the operation read it.
 *
 * @throws Problem `not_found` for parameters that nothing can have, else `invalid_input` with a line
 *   for each fault
 */
export const readInput = (
  { params, query, body }: Pick<Operation<never, string>, 'params' | 'query' | 'body'>,
  given: Given,
): { params: unknown; query: unknown; body: unknown } => {
  const path = params?.safeParse(given.params ?? {})
  if (path && !path.success) throw new Problem('not_found')
  const faults: Fault[] = []
  const read = (schema: z.ZodType = nothing, value: unknown): unknown => {
    const parsed = schema.safeParse(value ?? {}, { error: words })
    if (parsed.success) return parsed.data
    faults.push(...faultsOf(parsed.error))
    return {}
  }
  const input = {
    params: path?.data ?? {},
    query: read(query, given.query),
    body: read(body, given.body),
  }
  if (faults.length > 0) throw new Problem('invalid_input', { errors: faults })
  return input
}

/** A fault for each thing that is wrong, with a path as in `redirect_uris[0]`. */
const faultsOf = (error: z.ZodError, prefix: readonly PropertyKey[] = []): Fault[] =>
  error.issues.flatMap((issue): Fault[] => {
    const path = [...prefix, ...issue.path] as (string | number)[]
    if (issue.code !== 'unrecognized_keys') return [{ path: place(path), message: issue.message }]
    return issue.keys.map((key) => ({ path: place([...path, key]), message: 'is not known here' }))
  })
