import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomId } from '#src/lib/crypto.ts'

test('no id can be taken for an option of a command', () => {
  // Of random ones, every sixty-fourth would be.
  for (const id of Array.from({ length: 10_000 }, randomId)) assert.match(id, /^\w[\w-]{21}$/)
})
