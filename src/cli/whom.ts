/** Whom somebody means who names a person by an id, or by an identifier as a whole. Pure. */
export interface Named {
  id: string
  identifiers: readonly { value: string; verified: boolean }[]
}

/**
 * Whoever has the id; else whoever has proven the identifier; else all who have it, since what
 * nobody has proven may belong to several.
 *
 * @param identifier canonical, as identifiers are compared
 */
export const meant = <Person extends Named>(
  people: readonly Person[],
  { id, identifier }: { id: string; identifier: string },
): Person[] => {
  const having = (proven: boolean) =>
    people.filter(({ identifiers }) =>
      identifiers.some(({ value, verified }) => value === identifier && (verified || !proven)),
    )
  const ways = [people.filter((each) => each.id === id), having(true), having(false)]
  return ways.find((found) => found.length > 0) ?? []
}
