import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  createUser,
  deleteUser,
  findMatching,
  readSearch,
  setBlocked,
  userRepository,
  userSearchRepository,
} from '#src/users/index.ts'
import { testOnBoth } from '../support/database.ts'

const nobody = { name: null, locale: null, roles: [], customData: {}, identifiers: [] }
type Found = Awaited<ReturnType<typeof findMatching>>
type FoundKey = Found['next']

const everyone = { blocked: null, createdAfter: null }

test('what is looked for is read as an address, a number or a name', () => {
  const prefixes: [string, string][] = [
    [' Anna@Example.COM ', 'anna@example.com'],
    ['Anna@Exa', 'anna@exa'],
    ['post@BÜCHER.example', 'post@xn--bcher-kva.example'],
    ['+41 (79) 123', '+4179123'],
    ['0041-79-123', '+4179123'],
    ['tel:+41.79', '+4179'],
    ['079 123', '079 123'],
    ['Zorro', 'zorro'],
    ['50% off_', '50% off_'],
  ]
  for (const [typed, identifier] of prefixes) {
    assert.equal(readSearch(typed).identifier, identifier, typed)
  }
})

testOnBoth(
  'pages of a search go through ids, identifiers and names, none twice',
  async (_t, db) => {
    const wanted: string[] = []
    for (let number = 0; number < 12; number += 1) {
      const name = number % 3 === 0 ? null : `Ann ${number % 5}`
      const identifiers =
        number % 3 === 1
          ? []
          : ['a', 'b'].map((part) => ({
              type: 'email' as const,
              value: `ann${part}${number % 4}-${number}@example.com`,
              verified: part === 'a',
            }))
      wanted.push(await createUser(db, { ...nobody, name, identifiers }))
    }
    await createUser(db, { ...nobody, name: 'Bann' })
    await db.query('test.named', `insert into users (id, name) values ('ann', 'Ann herself')`)
    wanted.push('ann')
    const search = readSearch('ANN')
    const seen: string[] = []
    let after: FoundKey = null
    do {
      const { users, next }: Found = await findMatching(db, search, everyone, after, 2)
      seen.push(...users.map(({ id }) => id))
      after = next
    } while (after)
    assert.equal(seen.length, new Set(seen).size, 'none is there twice')
    assert.deepEqual([...seen].sort(), [...wanted].sort())
    await db.query('test.id', `update users set id = 'ANN' where id = 'ann'`)
    const first = await findMatching(db, search, everyone, null, 1)
    assert.deepEqual(
      first.users.map(({ id }) => id),
      ['ANN'],
    )
    const second = await findMatching(db, search, everyone, first.next, 1)
    assert.equal(second.users[0]?.id, seen[0])
  },
)

testOnBoth('those who are blocked are listed alone, the newest first', async (_t, db) => {
  const people = userSearchRepository(db)
  const [a, b, c] = [
    await createUser(db, nobody),
    await createUser(db, nobody),
    await createUser(db, nobody),
  ]
  // Clocks need not tell them apart.
  const older = `update users set created_at = created_at - $2 * interval '1 s' where id = $1`
  for (const [index, id] of [c, b, a].entries()) await db.query('test.older', older, [id, index])
  await setBlocked(db, a, true, null)
  await setBlocked(db, c, true, 1)
  const ids = async (blocked: boolean | null) =>
    (await people.newest({ blocked, createdAfter: null }, null, 10)).map(({ user }) => user.id)
  assert.deepEqual(await ids(true), [c, a])
  assert.deepEqual(await ids(false), [b])
  assert.deepEqual(await ids(null), [c, b, a])
  const later = { blocked: null, createdAfter: new Date(Date.now() + 60_000) }
  assert.deepEqual(await people.newest(later, null, 10), [])
})

testOnBoth('who is deleted while a sign-in ends is not remembered', async (_t, db) => {
  const id = await createUser(db, { ...nobody, name: 'Gone' })
  await deleteUser(db, id, 1)
  const identifier = { type: 'email', value: 'a@example.com', display: 'a@example.com' } as const
  const users = userRepository(db)
  await users.signedIn(id, Buffer.alloc(32), { identifier, method: 'email-code', second: null })
  assert.equal(await users.find(id), null)
  await assert.rejects(users.prove(id, identifier), { code: 'not_found' })
})
