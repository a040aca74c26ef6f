/** From a domain to a range, straight; a domain without length goes to the beginning. */
export const linear =
  ([from, to]: readonly [number, number], [first, last]: readonly [number, number]) =>
  (value: number): number =>
    to === from ? first : first + ((value - from) / (to - from)) * (last - first)

/**
 * Round numbers from 0 to at least `most`, of which there are about `about`; steps are 1, 2 or 5 times
 * a power of ten, and never less than 1, since things are counted.
 */
export const ticks = (most: number, about = 4): number[] => {
  const rough = Math.max(most, 1) / about
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = Math.max(1, ([1, 2, 5, 10].find((each) => each * power >= rough) ?? 10) * power)
  const count = Math.max(1, Math.ceil(most / step))
  return Array.from({ length: count + 1 }, (_, index) => Math.round(index * step))
}

/** Which of `length` places are named, so that at most `most` names stand beside each other. */
export const named = (length: number, most: number): number[] => {
  if (length === 0) return []
  const every = Math.max(1, Math.ceil(length / most))
  return Array.from({ length: Math.ceil(length / every) }, (_, index) => index * every)
}

/** Moves labels apart that would cover each other, downwards, and then back up from `last`. */
export const apart = (places: readonly number[], gap: number, last: number): number[] => {
  const order = places.map((at, index) => ({ at, index })).sort((a, b) => a.at - b.at)
  order.forEach((each, i) => {
    if (i > 0) each.at = Math.max(each.at, order[i - 1]!.at + gap)
  })
  for (let i = order.length - 1; i >= 0; i--) {
    const most = i === order.length - 1 ? last : order[i + 1]!.at - gap
    order[i]!.at = Math.min(order[i]!.at, most)
  }
  const moved = [...places]
  for (const { at, index } of order) moved[index] = at
  return moved
}
