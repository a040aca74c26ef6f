import type { Db } from '#src/db/contract.ts'
import { sha256 } from '#src/lib/crypto.ts'
import { userImportRepository } from '#src/users/index.ts'
import { keyOf, type Prepared } from './prepare.ts'

export type Fate = 'new' | 'existing' | { refused: string }

/** On a trial run: which marks no earlier part of the file has left. */
export type Unseen = (marks: readonly Buffer[]) => Promise<boolean[]>

/**
 * What becomes of each of some people: whose id is known, or who has exactly their identifiers
 * already, is there; who claims what somebody else has proven is refused.
 */
export const sortPeople = async (
  tx: Db,
  people: readonly Prepared[],
  unseen: Unseen | null,
): Promise<Fate[]> => {
  const repository = userImportRepository(tx)
  const ids = new Set(await repository.existing(people.map(({ id }) => id)))
  /** Proven: whose; and all who have it. */
  const proven = new Map<string, string>()
  const having = new Map<string, Set<string>>()
  const note = (key: string, userId: string, verified: boolean) => {
    if (verified) proven.set(key, userId)
    having.set(key, (having.get(key) ?? new Set()).add(userId))
  }
  for (const held of await repository.holders(people.flatMap(({ identifiers }) => identifiers))) {
    note(`${held.type}:${held.value}`, held.userId, held.verified)
  }

  const fates = people.map((person): Fate => {
    if (ids.has(person.id)) return 'existing'
    const keys = person.identifiers.map(keyOf)
    if (!person.named && haveAll(having, keys)) return 'existing'
    const taken = keys.find((key) => proven.has(key))
    if (taken) return { refused: takenWords(taken) }
    ids.add(person.id)
    for (const each of person.identifiers) note(keyOf(each), person.id, each.verified)
    return 'new'
  })
  return unseen ? withoutSeen(people, fates, unseen) : fates
}

/** One and the same person has all of these. */
const haveAll = (having: ReadonlyMap<string, ReadonlySet<string>>, keys: readonly string[]) => {
  const [first, ...rest] = keys.map((key) => having.get(key) ?? new Set<string>())
  return [...first!].some((userId) => rest.every((others) => others.has(userId)))
}

const takenWords = (key: string): string => `${key.replace(':', ' ')} is somebody else’s already`

/** A trial adds nobody, so it remembers whom it would have added. */
const withoutSeen = async (
  people: readonly Prepared[],
  fates: Fate[],
  unseen: Unseen,
): Promise<Fate[]> => {
  const marks = people.flatMap((person, at) => {
    if (fates[at] !== 'new') return []
    const keys = person.identifiers.filter(({ verified }) => verified).map(keyOf)
    const own = person.named ? `id:${person.id}` : `all:${person.identifiers.map(keyOf).join()}`
    return [own, ...keys].map((mark) => ({ at, mark, own: mark === own }))
  })
  const fresh = await unseen(marks.map(({ mark }) => sha256(mark)))
  const found = [...fates]
  for (const [index, { at, mark, own }] of marks.entries()) {
    if (fresh[index] || found[at] !== 'new') continue
    found[at] = own ? 'existing' : { refused: takenWords(mark) }
  }
  return found
}
