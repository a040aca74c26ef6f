import type { Db } from '#src/db/contract.ts'
import type { Search } from './search.ts'
import {
  type FoundKey,
  type ListedUser,
  type ListFilter,
  stretchLength,
  userSearchRepository,
} from './search-repository.ts'

export interface Found {
  users: ListedUser[]
  /** Where to go on; null at the end. */
  next: FoundKey | null
}

/** What a page costs at most, however few of those who are looked at are shown. */
const mostStretches = 4

/**
 * Whoever has this id, an identifier or a name that begins with what is looked for: ids first, then
 * identifiers, then names, nobody twice. A page may be short although there is a next one, where
 * almost all who match are left out by the filter.
 */
export const findMatching = async (
  db: Db,
  search: Search,
  filter: ListFilter,
  after: FoundKey | null,
  limit: number,
): Promise<Found> => {
  const people = userSearchRepository(db)
  const ids: string[] = []
  if (!after && (await people.hasId(search.id, filter))) ids.push(search.id)
  const done = async (next: FoundKey | null): Promise<Found> => ({
    users: await people.withIds(ids),
    next,
  })

  let place: 1 | 2 = after?.[0] === 2 ? 2 : 1
  let from: readonly [string, string] | null = after?.[2] ? [after[1], after[2]] : null
  // Without an id: at the beginning of a place.
  const here = (): FoundKey => [place, ...(from ?? (['', ''] as const))]
  for (let turn = 0; turn < mostStretches; turn += 1) {
    const seen = await people.stretch(place, search, filter, from)
    for (const { key, id, fits } of seen) {
      // One more than there is room for: from behind the last one that is shown.
      if (fits && ids.length === limit) return done(here())
      if (fits) ids.push(id)
      from = [key, id]
    }
    if (seen.length === stretchLength) continue
    if (place === 2) return done(null)
    place = 2
    from = null
  }
  return done(here())
}
