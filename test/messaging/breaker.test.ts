import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answered, type Breaker, began, closed, failed, mayTry } from '#src/messaging/breaker.ts'

/** Plays outcomes, one a second: `x` a failure, `.` an answer. */
const after = (outcomes: string, from: Breaker = closed): Breaker =>
  [...outcomes].reduce(
    (breaker, outcome, second) =>
      outcome === 'x' ? failed(breaker, second * 1000, null) : answered(breaker, second * 1000),
    from,
  )
const isOpen = (breaker: Breaker, second: number) => !mayTry(breaker, second * 1000)

test('a vendor is skipped after five failures in a row, or when half of twenty failed', () => {
  for (const [outcomes, open] of [
    ['xxxx', false],
    ['xxxxx', true],
    ['xxxx.xxxx', false],
    ['x.x.x.x.x.x.x.x.x.x', false],
    ['x.x.x.x.x.x.x.x.x.xx', true],
    ['.x.x.x.x.x.x.x.x.x.x', true],
    ['....................xxxx', false],
  ] as const) {
    assert.equal(isOpen(after(outcomes), outcomes.length), open, outcomes)
  }
})

test('failures of more than 30 s ago are forgotten', () => {
  const old = after('x.x.x.x.x.x.x.x.x.')
  assert.equal(isOpen(failed(old, 60_000, null), 61), false)
})

test('after 15 s one message is let through to see, and the others wait for it', () => {
  const open = after('xxxxx')
  assert.equal(isOpen(open, 18), true)
  assert.equal(isOpen(open, 19), false)
  const looking = began(open, 19_000)
  assert.equal(isOpen(looking, 19), true)
  assert.deepEqual(answered(looking, 20_000), closed)
  const still = failed(looking, 20_000, null)
  assert.equal(isOpen(still, 34), true)
  assert.equal(isOpen(still, 35), false)
})

test('a look that never comes back does not close the door for ever', () => {
  const looking = began(after('xxxxx'), 19_000)
  assert.equal(isOpen(looking, 33), true)
  assert.equal(isOpen(looking, 34), false)
})

test('a vendor that asks to be left alone for a while is, at once, for an hour at most', () => {
  const asked = failed(closed, 0, 60_000)
  assert.equal(isOpen(asked, 59), true)
  assert.equal(isOpen(asked, 60), false)
  // What was under way before does not shorten it.
  assert.equal(isOpen(answered(asked, 1000), 59), true)
  assert.equal(isOpen(failed(asked, 1000, null), 59), true)
  assert.equal(isOpen(failed(closed, 0, 86_400_000), 3601), false)
})
