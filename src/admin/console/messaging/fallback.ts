import type { Channel } from '#connectors/contract.ts'

export interface Candidate {
  id: string
  channels: readonly Channel[]
  countries: readonly string[] | null
  enabled: boolean
  faults: readonly unknown[]
}

/** Who is asked for one channel, in order. */
export interface Fallback {
  channel: Channel
  /** Everywhere, or wherever `byCountry` does not say otherwise. */
  order: readonly string[]
  byCountry: readonly { countries: readonly string[]; order: readonly string[] }[]
}

/** @param list in the order in which they are tried */
export const fallbackOf = (list: readonly Candidate[], channel: Channel): Fallback => {
  const serving = list.filter(
    ({ channels, enabled, faults }) => enabled && faults.length === 0 && channels.includes(channel),
  )
  const named = (some: readonly Candidate[]) => some.map(({ id }) => id)
  if (channel === 'email') return { channel, order: named(serving), byCountry: [] }

  const order = named(serving.filter(({ countries }) => !countries))
  const mentioned = [...new Set(serving.flatMap(({ countries }) => countries ?? []))].sort()
  const groups = new Map<string, { countries: string[]; order: string[] }>()
  for (const country of mentioned) {
    const own = named(serving.filter(({ countries }) => !countries || countries.includes(country)))
    const group = groups.get(own.join()) ?? { countries: [], order: own }
    group.countries.push(country)
    groups.set(own.join(), group)
  }
  return { channel, order, byCountry: [...groups.values()] }
}
