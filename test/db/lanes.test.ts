import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lanes } from '#src/db/lanes.ts'

/** Connections by number, and which of them have come back. */
const numbered = (most: number, room = 1) => {
  const state = { acquired: 0, released: [] as number[], broken: new Set<number>() }
  const lane = lanes<number>({
    most,
    room,
    acquire: async () => {
      state.acquired += 1
      return state.acquired
    },
    release: async (connection) => void state.released.push(connection),
    broken: (connection) => state.broken.has(connection),
  })
  return { state, lane }
}

/** Work that lasts until it is told to end, and says which connection it got. */
const lasting = (lane: ReturnType<typeof numbered>['lane']) => {
  const begun = Promise.withResolvers<number>()
  const end = Promise.withResolvers<void>()
  const done = lane(async (connection) => {
    begun.resolve(connection)
    await end.promise
  })
  return {
    connection: begun.promise,
    async end() {
      end.resolve()
      await done
    },
  }
}

test('each has a connection of its own while there are some, then the least busy one is shared', async () => {
  const { state, lane } = numbered(2)
  const [first, second, third, fourth] = [1, 2, 3, 4].map(() => lasting(lane))
  assert.deepEqual(
    await Promise.all([first, second, third, fourth].map((each) => each!.connection)),
    [1, 2, 1, 2],
  )
  await first!.end()
  const fifth = lasting(lane)
  assert.equal(await fifth.connection, 1)
  assert.deepEqual(state.released, [])
  await Promise.all([second, third, fourth, fifth].map((each) => each!.end()))
  assert.deepEqual(state.released.sort(), [1, 2])
})

test('where there is room for several, another connection is taken when it is used up', async () => {
  const { lane } = numbered(2, 2)
  const all = [1, 2, 3, 4, 5].map(() => lasting(lane))
  assert.deepEqual(await Promise.all(all.map((each) => each.connection)), [1, 1, 2, 2, 1])
  await Promise.all(all.map((each) => each.end()))
})

test('a connection that broke is joined by nobody more, and goes back when the last one lets go', async () => {
  const { state, lane } = numbered(1)
  const one = lasting(lane)
  const failing = lane(async (connection) => {
    state.broken.add(connection)
    throw new Error('broken')
  })
  await assert.rejects(failing, /broken/)
  const after = lasting(lane)
  assert.equal(await after.connection, 2)
  assert.deepEqual(state.released, [])
  await one.end()
  assert.deepEqual(state.released, [1])
  await after.end()
  assert.deepEqual(state.released, [1, 2])
})

test('where no connection is to be had, all who waited for it hear so, and the next one tries again', async () => {
  let fails = true
  const lane = lanes<string>({
    most: 1,
    room: 1,
    acquire: async () => {
      if (fails) throw new Error('none')
      return 'one'
    },
    release: async () => {},
    broken: () => false,
  })
  const asked = await Promise.allSettled([lane(async () => {}), lane(async () => {})])
  assert.deepEqual(
    asked.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  fails = false
  assert.equal(await lane(async (connection) => connection), 'one')
})
