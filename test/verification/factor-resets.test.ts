import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { openDatabase } from '#src/db/index.ts'
import { createUser, revokeAllTrust, trustedBrowserRepository } from '#src/users/index.ts'
import { factorResetRepository } from '#src/verification/index.ts'
import { type TestDatabase, testOnBoth } from '../support/database.ts'
import { race, spread } from '../support/race.ts'

const crowd = 100
const nobody = { name: null, locale: null, roles: [], customData: {}, identifiers: [] }
const where = { clientId: 'shop', interactionUid: 'one' }

/** The database as two processes have it, where it can be had twice. */
const twice = async (t: TestContext, db: TestDatabase) => {
  if (!db.url) return spread([db])
  const other = await openDatabase({ url: db.url, folder: '' })
  t.after(() => other.close())
  return spread([db, other])
}

const countOf = async (db: TestDatabase, event: string): Promise<number> =>
  (await db.query<{ event: string }>('test.events', 'select event from audit_events', [])).filter(
    (each) => each.event === event,
  ).length

testOnBoth(
  'of a hundred requests for a reset one is made, approved and carried out',
  async (t, db) => {
    const dbOf = await twice(t, db)
    const userId = await createUser(db, nobody)
    const wins = async (
      act: (resets: ReturnType<typeof factorResetRepository>) => Promise<unknown>,
    ) => {
      const { won, lost } = await race(crowd, (index) => act(factorResetRepository(dbOf(index))))
      assert.deepEqual(lost, [])
      return won.filter(Boolean).length
    }
    assert.equal(await wins((resets) => resets.request(userId, where)), 1)
    const { id } = (await factorResetRepository(db).find(userId))!
    assert.equal(await wins((resets) => resets.complete(id)), 0, 'not before it is approved')
    assert.equal(await wins((resets) => resets.approve(userId, id, 1)), 1)
    assert.equal(await wins((resets) => resets.complete(id)), 0, 'not before its time')
    await db.query('test.due', 'update factor_resets set due_at = now() where id = $1', [id])
    assert.deepEqual(await factorResetRepository(db).due(), [id])
    assert.equal(await wins((resets) => resets.complete(id)), 1)
    assert.equal(await factorResetRepository(db).find(userId), null)
    assert.equal(await countOf(db, 'factor_reset.requested'), 1)
  },
)

testOnBoth('of those who carry it out and those who cancel it, one side wins', async (t, db) => {
  const dbOf = await twice(t, db)
  for (let round = 0; round < 5; round++) {
    const userId = await createUser(db, nobody)
    const resets = factorResetRepository(db)
    await resets.request(userId, where)
    const { id } = (await resets.find(userId))!
    await resets.approve(userId, id, 1)
    await db.query('test.due', 'update factor_resets set due_at = now() where id = $1', [id])
    const { won } = await race<unknown>(20, (index) => {
      const each = factorResetRepository(dbOf(index))
      return index % 2 === 0 ? each.complete(id) : each.cancel(userId, {})
    })
    assert.equal(won.filter(Boolean).length, 1)
  }
})

testOnBoth('trust that races with its end is gone afterwards', async (t, db) => {
  const dbOf = await twice(t, db)
  const userId = await createUser(db, nobody)
  const signInBegan = new Date(Date.now() - 60_000)
  const trust = (index: number) =>
    trustedBrowserRepository(dbOf(index)).trust(
      userId,
      { browser: Buffer.alloc(32, index), token: Buffer.alloc(32, index), agent: null },
      { days: 90, signInBegan },
    )
  assert.equal(await trust(1), true)
  const { lost } = await race<unknown>(crowd, (index) =>
    index % 10 === 5 ? dbOf(index).transaction((tx) => revokeAllTrust(tx, userId)) : trust(index),
  )
  assert.deepEqual(lost, [])
  assert.deepEqual(await trustedBrowserRepository(db).list(userId, 90), [])
  assert.equal(await trust(1), false, 'a sign-in that began before trusts nothing')
})

testOnBoth(
  'a browser is trusted with its own token, by its own person, for so many days',
  async (_, db) => {
    const trusted = trustedBrowserRepository(db)
    const [anna, ben] = [await createUser(db, nobody), await createUser(db, nobody)]
    const [browser, token] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
    const signInBegan = new Date(Date.now() - 1000)
    await trusted.trust(anna, { browser, token, agent: 'Firefox' }, { days: 90, signInBegan })
    const is = (userId: string, shown: { browser: Buffer; tokens: Buffer[] }, days = 90) =>
      trusted.isTrusted(userId, shown, days)
    assert.equal(await is(anna, { browser, tokens: [Buffer.alloc(32, 9), token] }), true)
    assert.equal(await is(ben, { browser, tokens: [token] }), false)
    assert.equal(await is(anna, { browser: Buffer.alloc(32, 3), tokens: [token] }), false)
    assert.equal(await is(anna, { browser, tokens: [Buffer.alloc(32, 4)] }), false)
    assert.equal(await is(anna, { browser, tokens: [] }), false)
    const [listed] = await trusted.list(anna, 90)
    assert.equal(listed?.agent, 'Firefox')
    assert.ok(listed.lastUsedAt)

    const newer = Buffer.alloc(32, 5)
    await trusted.trust(anna, { browser, token: newer, agent: null }, { days: 90, signInBegan })
    assert.equal(await is(anna, { browser, tokens: [token] }), false, 'the newest counts')
    assert.equal(await is(anna, { browser, tokens: [newer] }), true)
    assert.equal((await trusted.list(anna, 90)).length, 1)
    await db.query(
      'test.old',
      `update trusted_browsers set created_at = now() - interval '40 days'`,
      [],
    )
    assert.equal(await is(anna, { browser, tokens: [newer] }), true)
    assert.equal(await is(anna, { browser, tokens: [newer] }, 30), false)
    assert.deepEqual(await trusted.list(anna, 30), [])
    assert.equal(await trusted.revoke(ben, (await trusted.list(anna, 90))[0]!.id), false)
    assert.equal(await trusted.revoke(anna, (await trusted.list(anna, 90))[0]!.id), true)
  },
)
