type Section = Record<string, unknown>

export const isSection = (value: unknown): value is Section =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `over` on top of `under`, name by name; lists are replaced as a whole. Neither is changed. */
export const merge = (under: unknown, over: unknown): unknown => {
  if (over === undefined) return under
  if (!isSection(under) || !isSection(over)) return over
  return Object.fromEntries(
    [...new Set([...Object.keys(under), ...Object.keys(over)])].map((key) => [
      key,
      merge(under[key], over[key]),
    ]),
  )
}

interface Listed {
  indicator: string
}

/** Resources are told apart by their indicator: those that `over` does not name stay. */
export const mergeResources = (
  under: readonly Listed[],
  over: readonly Listed[],
): readonly Listed[] => [
  ...over,
  ...under.filter(({ indicator }) => !over.some((one) => one.indicator === indicator)),
]
