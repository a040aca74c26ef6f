import { Problem } from '#src/lib/problem.ts'
import type { Visit } from './frame.ts'

/** A member of the query, trimmed; empty where it is missing or there are several. */
export const askedText = ({ ctx }: Visit, name: string): string => {
  const value = ctx.query[name]
  return typeof value === 'string' ? value.trim() : ''
}

/**
 * What the filters of a page find. Where what somebody typed is wrong, the page says so beside its
 * field, and has nothing on it: null.
 */
export const found = async <T>(visit: Visit, work: () => Promise<T>): Promise<T | null> => {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'invalid_input') throw error
    visit.ctx.state.formProblem = error
    return null
  }
}
