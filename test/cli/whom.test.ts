import assert from 'node:assert/strict'
import { test } from 'node:test'
import { meant, type Named } from '#src/cli/whom.ts'

const having = (id: string, ...values: [value: string, verified: boolean][]): Named => ({
  id,
  identifiers: values.map(([value, verified]) => ({ value, verified })),
})

const people = [
  having('a', ['ann@example.com', false], ['ann', true]),
  having('b', ['ann@example.com', false]),
  having('c', ['cleo@example.com', false], ['ann@example.com.au', true]),
  having('d', ['dora@example.com', false]),
  having('e', ['dora@example.com', true]),
  having('ann', ['+41791234567', true]),
]

test('whoever is named is one person, or nobody is chosen', () => {
  const cases: [string, string][] = [
    ['b', 'b'],
    ['cleo@example.com', 'c'],
    ['+41791234567', 'ann'],
    // Proven goes before claimed, and an id before everything.
    ['dora@example.com', 'e'],
    ['ann', 'ann'],
    ['ann@example.com', 'a b'],
    ['ann@example', ''],
  ]
  for (const [who, ids] of cases) {
    const found = meant(people, { id: who, identifier: who })
    assert.equal(found.map(({ id }) => id).join(' '), ids, who)
  }
})
