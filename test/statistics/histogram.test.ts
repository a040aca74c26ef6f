import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bucketOf, buckets, percentile } from '#src/statistics/histogram.ts'

const countsOf = (values: readonly number[]) => {
  const counts = new Map<number, number>()
  for (const value of values) {
    const most = bucketOf(value)
    counts.set(most, (counts.get(most) ?? 0) + 1)
  }
  return counts
}

test('a percentile is in the bucket of the value that it stands for', () => {
  const values = fc.array(fc.double({ min: 0, max: 700, noNaN: true }), { minLength: 1 })
  fc.assert(
    fc.property(values, fc.constantFrom(0.1, 0.5, 0.9, 1), (all, share) => {
      const exact = all.toSorted((a, b) => a - b)[Math.max(Math.ceil(all.length * share) - 1, 0)]!
      const estimate = percentile(countsOf(all), share)!
      const at = buckets.indexOf(bucketOf(exact) as (typeof buckets)[number])
      const from = at === 0 ? 0 : buckets[at - 1]!
      assert.ok(
        estimate >= from && estimate <= Math.min(buckets[at]!, 600),
        `${estimate} for ${exact}`,
      )
    }),
  )
})

test('of nothing there is no percentile', () => {
  assert.equal(percentile(new Map(), 0.5), null)
})
