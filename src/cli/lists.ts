import type { Asked, Calls } from './contract.ts'

/** Every entry of a list, page by page, `most` of them at most. */
export const listAll = async <T>(
  { call }: Calls,
  operationId: string,
  { params, query }: Pick<Asked, 'params' | 'query'> = {},
  most = Infinity,
): Promise<T[]> => {
  const found: T[] = []
  let cursor: string | undefined
  do {
    const limit = Math.min(100, most - found.length)
    const page = await call<{ data: T[]; next: string | null }>(operationId, {
      ...(params ? { params } : {}),
      query: { ...query, limit, cursor },
    })
    found.push(...page.data)
    cursor = page.next ?? undefined
  } while (cursor !== undefined && found.length < most)
  return found
}
