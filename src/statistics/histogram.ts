/**
 * Durations are counted in buckets, so that percentiles need no single values. Each is named by its
 * upper bound in seconds; what took longer than the last is in `Infinity`.
 */
export const buckets = [5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, Infinity] as const

export const bucketOf = (seconds: number): number => buckets.find((most) => seconds <= most)!

/**
 * An estimate of a percentile, in seconds: exact to the bucket, straight within it. Null for nothing;
 * the last bound where it is beyond that.
 *
 * @param counts by upper bound
 */
export const percentile = (counts: ReadonlyMap<number, number>, share: number): number | null => {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  if (total === 0) return null
  const wanted = total * share
  let below = 0
  let from = 0
  for (const most of buckets) {
    const count = counts.get(most) ?? 0
    if (count > 0 && below + count >= wanted) {
      if (most === Infinity) return from
      return from + ((wanted - below) / count) * (most - from)
    }
    below += count
    if (most !== Infinity) from = most
  }
  return from
}
